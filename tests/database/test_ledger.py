"""The ledger as a whole: gaps by what they are, their sums, and for how long streams are good."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from msgspec.structs import replace

from perps_stats.core.errors import BadInput
from perps_stats.core.ledger import GapSum, StreamCoverage
from perps_stats.core.stored import GapFilter, Mark, Query
from perps_stats.core.types import Gap, GapCause
from perps_stats.database import ledger
from perps_stats.database.repository import PostgresRepository

from .samples import NOON, gap, market

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MIDNIGHT = NOON + 12 * 3600 * SECOND
NOW = NOON + 100 * SECOND
BOOKS = {("binance", "orderbook")}
ALL = Query()


def hole(first: float, after: float | None, stream: str = "orderbook", **said: object) -> Gap:
    """Seconds after noon."""
    end = None if after is None else NOON + after * SECOND
    return replace(gap(stream, NOON + first * SECOND), end_time=end, **said)


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    return repository


async def heard(
    held: PostgresRepository, *spans: tuple[float, float], stream: str = "orderbook"
) -> None:
    """BTC was heard by a session each, all of them ended: seconds after noon."""
    for first, last in spans:
        await held.link.fetch(
            "with s as (insert into sessions (ended_at) values (now()) returning session_id)"
            " insert into coverage select session_id, market_id, $1, $2, $3"
            " from s, markets where symbol = 'BTC'",
            stream,
            NOON + first * SECOND,
            NOON + last * SECOND,
        )


async def ask(
    held: PostgresRepository,
    query: Query = ALL,
    by: str = "stream",
    streams: Sequence[str] = (),
    now: datetime = NOW,
) -> list[StreamCoverage]:
    return await ledger.stream_coverage(
        held.link, query, streams=streams, by=by, verifiable=BOOKS, now=now
    )


def parts(found: StreamCoverage) -> tuple[float, float, float, float]:
    told = (found.verified, found.unverifiable, found.in_gaps, found.not_collected)
    verified, unverifiable, in_gaps, not_collected = map(float, told)
    return verified, unverifiable, in_gaps, not_collected


async def test_a_stream_is_good_or_not(held: PostgresRepository) -> None:
    """Collected for 50 of 100 s, 5 of them in a gap; a session's mark spans its own gaps."""
    await heard(held, (0, 20), (50, 80))
    await held.store_gap(hole(10, 15))
    assert await ask(held, Query(start=NOON)) == [
        StreamCoverage(
            exchange="binance",
            symbol="BTC",
            stream="orderbook",
            start=NOON,
            end=NOW,
            verified=Decimal(45),
            unverifiable=Decimal(0),
            in_gaps=Decimal(5),
            not_collected=Decimal(50),
            gap_pct=Decimal("0.1"),
        )
    ]


async def test_who_counts_nothing_is_unverifiable(held: PostgresRepository) -> None:
    """The exchange must number what it sends; else it is only known that somebody listened."""
    await heard(held, (0, 20))
    await heard(held, (0, 30), stream="trades")
    books, trades = await ask(held)
    assert parts(books) == (20, 0, 0, 80)
    assert parts(trades) == (0, 30, 0, 70)


async def test_an_open_gap_lasts_until_now(held: PostgresRepository) -> None:
    """Also one that a crash left, which begins at the last mark."""
    await heard(held, (0, 20))
    await held.store_gap(hole(20, None, cause=GapCause.CRASH))
    (found,) = await ask(held)
    assert parts(found) == (20, 0, 80, 0)
    assert found.gap_pct == Decimal("0.8")
    (found,) = await ask(held, Query(start=NOON, end=NOON + 30 * SECOND))
    assert parts(found) == (20, 0, 10, 0)


async def test_sessions_that_overlap_count_once(held: PostgresRepository) -> None:
    """So do gaps of the same seconds; a gap of one is a gap."""
    await heard(held, (0, 40), (20, 60), (60, 70))
    await held.store_gap(hole(10, 30))
    await held.store_gap(hole(20, 25))
    (found,) = await ask(held)
    assert parts(found) == (50, 0, 20, 30)


async def test_a_gap_over_midnight_is_of_both_days(held: PostgresRepository) -> None:
    """Days are those of UTC; without a first time they begin where the stream does."""
    night = (MIDNIGHT - NOON) / SECOND
    await heard(held, (night - 50, night + 70))
    await held.store_gap(hole(night - 20, night + 30))
    before, after = await ask(held, by="day", now=MIDNIGHT + 100 * SECOND)
    assert (before.start, before.end) == (MIDNIGHT - 50 * SECOND, MIDNIGHT)
    assert (after.start, after.end) == (MIDNIGHT, MIDNIGHT + 100 * SECOND)
    assert parts(before) == (30, 0, 20, 0)
    assert parts(after) == (40, 0, 30, 30)


async def test_days_of_nothing_are_listed(held: PostgresRepository) -> None:
    """What is asked for and was not collected is told, not left out."""
    await heard(held, (0, 10))
    found = await ask(held, Query(start=NOON - 2 * DAY), by="day")
    assert [parts(one) for one in found] == [
        (0, 0, 0, 12 * 3600),
        (0, 0, 0, 24 * 3600),
        (10, 0, 0, 12 * 3600 + 90),
    ]
    assert [one.gap_pct for one in found] == [None, None, 0]


async def test_a_microsecond_is_counted(held: PostgresRepository) -> None:
    """Seconds are exact; a short gap is not none."""
    await heard(held, (0, 10))
    await held.store_gap(hole(5, 5.000001))
    (found,) = await ask(held)
    assert (found.verified, found.in_gaps) == (Decimal("9.999999"), Decimal("0.000001"))
    assert found.gap_pct == Decimal("1e-7")


@pytest.mark.needs_real_server
async def test_what_is_heard_now_is_measured_to_its_last_mark(held: PostgresRepository) -> None:
    """What comes next is not known yet: it is not lacking. With an open gap it is lacking."""
    ids = await held.store_markets([market()], simulated=False)
    await held.begin_session()
    mark = Mark(ids["BTCUSDT"], "orderbook", NOON, NOON + 20 * SECOND)
    await held.write({}, [mark])
    (found,) = await ask(held)
    assert (found.end, parts(found)) == (mark.last_ts, (20, 0, 0, 0))
    await held.store_gap(hole(20, None))
    (found,) = await ask(held)
    assert parts(found) == (20, 0, 80, 0)
    (told,) = await ledger.sum_gaps(held.link, ALL, GapFilter(), now=NOW)
    assert (told.open, told.collected) == (1, 1)


async def test_streams_are_chosen(held: PostgresRepository) -> None:
    """By market and name."""
    for stream in ("best", "orderbook", "trades"):
        await heard(held, (0, 1), stream=stream)
    found = await ask(held, streams=("trades", "best"))
    assert [one.stream for one in found] == ["best", "trades"]
    assert await ask(held, Query(markets=(("binance", "ETH"),))) == []
    assert len(await ask(held, Query(exchange="binance", symbol="btcusdt"))) == 3


async def test_a_span_of_too_many_steps_is_refused(held: PostgresRepository) -> None:
    """A thousand hours at most are told at once, so that it must be said since when."""
    with pytest.raises(BadInput, match="say since when"):
        await ask(held, by="hour")
    assert await ask(held, Query(start=NOW - 1000 * 3600 * SECOND), by="hour") == []
    with pytest.raises(BadInput, match="ask for less"):
        await ask(held, Query(start=NOW - 1000 * 3600 * SECOND - SECOND), by="hour")


STREAMS = ("orderbook", "trades")
LENGTH = 40
"""Seconds of the little world of the model."""
NIGHT = 20
"""The second at which a day begins in it."""
BEFORE = 12 * 3600 - NIGHT
"""From noon to its first second."""


def naive(
    marks: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int | None]], span: range
) -> tuple[int, int, int]:
    """Vouched, in gaps, not collected: second by second."""
    told = [0, 0, 0]
    for second in span:
        lost = any(a <= second and (b is None or second < b) for a, b in holes)
        good = any(a <= second < b for a, b in marks)
        told[1 if lost else 0 if good else 2] += 1
    return told[0], told[1], told[2]


@pytest.mark.parametrize("seed", range(12))
async def test_any_ledger_counts_as_second_by_second(held: PostgresRepository, seed: int) -> None:
    """Whatever sessions and gaps, overlapping or not, wherever the span is cut, and by midnight."""
    chance = Random(seed)  # noqa: S311 a replay, no secret
    marks, holes = _any_ledger(chance)
    for stream in STREAMS:
        await heard(held, *((a + BEFORE, b + BEFORE) for a, b in marks[stream]), stream=stream)
        for a, b in holes[stream]:
            await held.store_gap(hole(a + BEFORE, None if b is None else b + BEFORE, stream))
    for by in ("stream", "day", "hour") * 4:
        begin, now = sorted(chance.sample(range(LENGTH), 2))
        start, end = (NOON + (BEFORE + second) * SECOND for second in (begin, now))
        found = await ask(held, Query(start=start), by, now=end)
        cuts = [begin, *([NIGHT] if by != "stream" and begin < NIGHT < now else []), now]
        assert [(one.stream, parts(one)) for one in found] == [
            (
                stream,
                (vouched, 0, lost, none) if stream == "orderbook" else (0, vouched, lost, none),
            )
            for stream in STREAMS
            for first, after in pairwise(cuts)
            for vouched, lost, none in [naive(marks[stream], holes[stream], range(first, after))]
        ]


def _any_ledger(
    chance: Random,
) -> tuple[dict[str, list[tuple[int, int]]], dict[str, list[tuple[int, int | None]]]]:
    """At least one mark a stream; at most one gap is open, and the last."""

    def spans(most: int) -> list[tuple[int, int]]:
        count = chance.randint(1, most)
        bounds = [sorted(chance.choices(range(LENGTH), k=2)) for _ in range(count)]
        return list({first: (first, last) for first, last in bounds}.values())

    marks = {stream: spans(4) for stream in STREAMS}
    holes: dict[str, list[tuple[int, int | None]]] = {}
    for stream in STREAMS:
        closed: list[tuple[int, int | None]] = list(spans(4))
        still = (LENGTH + chance.randint(-10, 10), None) if chance.random() < 0.5 else None
        holes[stream] = closed + ([still] if still and still[0] not in dict(closed) else [])
    return marks, holes


async def test_gaps_are_chosen_by_what_they_are(held: PostgresRepository) -> None:
    """Streams, causes, open or not, repaired or not; page by page as ever."""
    await held.store_gap(hole(1, 2, repaired_at=NOW, rows_recovered=4))
    await held.store_gap(hole(3, None, cause=GapCause.CRASH))
    await held.store_gap(hole(5, 6, "trades", cause=GapCause.SILENCE))

    async def found(**which: object) -> list[float]:
        listed = await held.get_gaps(ALL, replace(GapFilter(), **which))
        return [(each.start_time - NOON) / SECOND for each in listed]

    assert await found() == [1, 3, 5]
    assert await found(streams=("trades",)) == [5]
    assert await found(streams=("trades", "orderbook"), causes=("crash",)) == [3]
    assert await found(causes=("crash", "silence")) == [3, 5]
    assert (await found(still_open=True), await found(still_open=False)) == ([3], [1, 5])
    assert (await found(unrepaired=True), await found(unrepaired=False)) == ([3, 5], [1])
    page = Query(limit=1, only={"stream": "orderbook"})
    assert len(await held.get_gaps(page, GapFilter(still_open=True))) == 1


async def test_gaps_are_summed_by_stream_and_cause(held: PostgresRepository) -> None:
    """Seconds of an open one until now; messages missed where any gap tells them."""
    await held.store_gap(hole(1, 3, missed=2))
    await held.store_gap(hole(5, 9.5, missed=None, repaired_at=NOW, rows_recovered=4))
    await held.store_gap(hole(90, None, missed=None, cause=GapCause.CRASH))
    books = await ledger.sum_gaps(held.link, ALL, GapFilter(streams=("orderbook",)), now=NOW)
    book = GapSum(
        stream="orderbook",
        cause=GapCause.CRASH,
        gaps=1,
        open=1,
        collected=0,
        unrepaired=1,
        seconds=Decimal(10),
        missed=None,
        rows_recovered=None,
    )
    closed = {"cause": GapCause.SEQUENCE, "gaps": 2, "open": 0, "missed": 2, "rows_recovered": 4}
    assert books == [book, replace(book, seconds=Decimal("6.5"), **closed)]
    assert await ledger.sum_gaps(held.link, ALL, GapFilter(causes=("silence",)), now=NOW) == []
    late = Query(start=NOON + 9 * SECOND, end=NOON + 90 * SECOND)
    (told,) = await ledger.sum_gaps(held.link, late, GapFilter(), now=NOW)
    assert (told.cause, told.gaps, told.seconds) == (GapCause.SEQUENCE, 1, Decimal("4.5"))
