"""Whatever a connection loses, doubles, swaps or delays: a verified book is the exchange's own at
that update, and nothing is derived of one that cannot be vouched for.

A fake exchange does what it is told to against a naive model that remembers each of its states.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from perps_stats.core.catalogue import LIQUIDITY
from perps_stats.core.times import from_us, to_us
from perps_stats.core.types import Gap, GapCause, Market, OrderbookLevel
from perps_stats.exchanges.events import BookDelta, BookSnapshot, Channel
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed

MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LEVELS = 4
"""Levels a side of a snapshot: what lies deeper is not known."""
Side = dict[int, int]


class State(NamedTuple):
    """The exchange's book after an update, prices to sizes; ``ts`` in microseconds."""

    ts: int
    bids: Side
    asks: Side


class Fake:
    """An exchange of one market, a connection to it, and all that the feed makes of it."""

    def __init__(self, *, chained: bool) -> None:
        self.chained = chained
        self.rows: list[dict[str, str | None]] = []
        self.told: list[Gap] = []
        self.wants = True
        self.feed = MarketFeed(MARKET, 7, Grids(stored=1.0, books=1.0), self)
        self.feed.want_snapshot = self._want
        self.feed.listening = True
        self.number = 10
        self.states = {10: State(500_000, {99: 1, 98: 2, 90: 5}, {101: 1, 102: 2, 110: 5})}
        self.sent: list[BookDelta] = []
        self.lost: list[BookDelta] = []
        self.hole: int | None = None
        """The last update that was lost and is not bridged by a snapshot yet."""

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        if data_set == LIQUIDITY.name:
            self.rows.append(dict(zip(LIQUIDITY.columns, row, strict=True)))

    def keep_gap(self, gap: Gap) -> None:
        self.told.append(gap)

    def _want(self, _feed: MarketFeed) -> None:
        self.wants = True

    def update(self, bids: Side, asks: Side, after: int, ids: int) -> BookDelta:
        """The book changes, and a frame of it is about to be sent."""
        before = self.states[self.number]
        previous, self.number = self.number, self.number + ids
        ts = before.ts + after
        self.states[self.number] = State(ts, before.bids | bids, before.asks | asks)
        numbers = (previous + 1, self.number, previous)
        return BookDelta("BTCUSDT", ts, *numbers, to_raw(bids), to_raw(asks))

    def deliver(self, delta: BookDelta) -> None:
        self.sent.append(delta)
        self.feed.receive(delta, delta.ts)
        if self.hole is not None:
            assert not self.feed.book.verified

    def lose(self, delta: BookDelta) -> None:
        self.lost.append(delta)
        self.hole = delta.last

    def cut(self) -> None:
        self.feed.doubt(Channel.ORDERBOOK, GapCause.DISCONNECT, "cut", NOW)
        self.feed.listening = True
        self.wants = True

    def snapshot(self, back: int) -> None:
        """What the exchange answers, of so many updates ago."""
        if not self.wants and not self.chained:
            return
        numbers = sorted(self.states)
        number = numbers[max(len(numbers) - 1 - back, 0)]
        state = self.states[number]
        bids, asks = (dict(levels_of(state, side)[:LEVELS]) for side in ("bids", "asks"))
        ts, sides = state.ts, (to_raw(bids), to_raw(asks))
        answer = BookSnapshot("BTCUSDT", ts, number, *sides, LEVELS, self.chained)
        if self.chained:
            if self.feed.book.verified:  # a whole book: what it replaces is missed by nobody
                self.lost = [delta for delta in self.lost if delta.last > number]
            self.feed.receive(answer, ts)
            joined = self.feed.book.last == number
        else:
            joined = self.feed.start_book(answer, ts)
        if joined and self.feed.book.verified:
            self.wants = False
            if self.hole is not None and number >= self.hole:
                self.hole = None

    @property
    def gaps(self) -> list[Gap]:
        return list({gap.start_time: gap for gap in self.told}.values())


def to_raw(side: Side) -> Raw:
    return Raw(
        msgspec.json.encode([(f"{price}.00", f"{size}.000") for price, size in side.items()])
    )


def levels_of(state: State, side: str) -> list[tuple[int, int]]:
    """Best first."""
    levels = state.bids if side == "bids" else state.asks
    return sorted(((p, q) for p, q in levels.items() if q), reverse=side == "bids")


def is_crossed(state: State) -> bool:
    bids, asks = levels_of(state, "bids"), levels_of(state, "asks")
    return bool(bids and asks and bids[0][0] >= asks[0][0])


def assert_true(fake: Fake) -> None:
    """A verified book is the model's at its update, as far as it is known; never an older one than
    what was delivered last.
    """
    book = fake.feed.book
    if not book.verified:
        return
    truth = fake.states[book.last]
    assert book.ts == truth.ts
    known = book.known_orderbook(1.0)
    for name, levels in (("bids", known.bids), ("asks", known.asks)):
        true = [OrderbookLevel(Decimal(p), Decimal(q)) for p, q in levels_of(truth, name)]
        assert levels == true[: len(levels)]
    if not fake.chained and fake.sent:
        assert book.last >= fake.sent[-1].last


def assert_rows(fake: Fake) -> None:
    """Each row is of a state of the exchange's, at that state's own time, exact as far as it
    reaches; none lies within a gap.
    """
    by_time = {from_us(state.ts): state for state in fake.states.values()}
    for row in fake.rows:
        at = datetime.fromisoformat(str(row["ts"]))
        assert not any(gap.start_time < at < (gap.end_time or NOW) for gap in fake.gaps)
        truth = by_time[at]
        assert not is_crossed(truth)
        if row["mid_price"] is not None:
            assert_bands(row, truth)


def assert_bands(row: dict[str, str | None], truth: State) -> None:
    """The value within 100 bps, if the book was known so far."""
    bids, asks = levels_of(truth, "bids"), levels_of(truth, "asks")
    mid = Decimal(bids[0][0] + asks[0][0]) / 2
    assert Decimal(str(row["mid_price"])) == mid
    for name, levels in (("bid", bids), ("ask", asks)):
        if Decimal(str(row[f"reach_{name}_bps"])) >= 100:
            near = [p * q for p, q in levels if abs(p - mid) <= mid / 100]
            assert Decimal(str(row[f"{name}_100bps"])) == sum(near)


def assert_told(fake: Fake) -> None:
    """Once another update came, every one that was lost before lies in a gap."""
    fake.deliver(fake.update({}, {}, 1_000, 1))
    for delta in fake.lost:
        at = from_us(delta.ts)
        assert any(gap.start_time <= at <= (gap.end_time or NOW) for gap in fake.gaps)


bid_changes = st.dictionaries(st.integers(88, 99), st.integers(0, 4), max_size=3)
ask_changes = st.dictionaries(st.integers(101, 112), st.integers(0, 4), max_size=3)
pauses = st.sampled_from([1_000, 50_000, 400_000, 1_100_000])
Step = Callable[[Fake], None]


@st.composite
def updates(draw: st.DrawFn) -> Callable[[Fake], BookDelta]:
    bids, asks, pause = draw(bid_changes), draw(ask_changes), draw(pauses)
    ids = draw(st.integers(1, 3))
    return lambda fake: fake.update(bids, asks, pause, ids)


def swapped(fake: Fake, first: BookDelta, second: BookDelta) -> None:
    fake.deliver(second)
    fake.deliver(first)


def crossing(fake: Fake) -> BookDelta:
    """What no exchange can mean; healed by the next."""
    return fake.update({103: 1}, {}, 400_000, 1)


def healing(fake: Fake) -> BookDelta:
    return fake.update({103: 0}, {}, 400_000, 1)


update = updates()
steps = st.one_of(
    update.map(lambda make: lambda fake: fake.deliver(make(fake))),
    update.map(lambda make: lambda fake: fake.deliver(make(fake))),
    update.map(lambda make: lambda fake: fake.lose(make(fake))),
    st.tuples(update, update).map(
        lambda both: lambda fake: swapped(fake, both[0](fake), both[1](fake))
    ),
    st.just(lambda fake: fake.sent and fake.feed.receive(fake.sent[-1], fake.sent[-1].ts)),
    st.just(lambda fake: fake.deliver(crossing(fake))),
    st.just(lambda fake: fake.deliver(healing(fake))),
    st.just(Fake.cut),
    st.just(lambda fake: fake.snapshot(0)),
    st.just(lambda fake: fake.snapshot(0)),
    st.integers(1, 4).map(lambda back: lambda fake: fake.snapshot(back)),
)


@pytest.mark.parametrize("chained", [False, True], ids=["asked for", "in the stream"])
@given(steps=st.lists(steps, max_size=40))
def test_a_verified_book_is_the_exchange_s_own(
    chained: bool,  # noqa: FBT001 a parameter
    steps: list[Step],
) -> None:
    """After every step; and of the rows and gaps that are left."""
    fake = Fake(chained=chained)
    fake.snapshot(0)
    for step in steps:
        step(fake)
        assert_true(fake)
    assert_rows(fake)
    assert_told(fake)


@pytest.mark.parametrize("chained", [False, True], ids=["asked for", "in the stream"])
@given(steps=st.lists(steps, max_size=30))
def test_a_fresh_snapshot_heals_whatever_happened(
    chained: bool,  # noqa: FBT001 a parameter
    steps: list[Step],
) -> None:
    """Once the exchange speaks sense again the book is verified, its last gap closed."""
    fake = Fake(chained=chained)
    fake.snapshot(0)
    for step in steps:
        step(fake)
    fake.deliver(fake.update({103: 0}, {}, 1_100_000, 1))
    fake.snapshot(0)
    fake.deliver(fake.update({}, {}, 1_100_000, 1))
    assert fake.feed.book.verified
    assert fake.feed.book.last == fake.number
    assert_true(fake)
    assert all(gap.end_time is not None for gap in fake.gaps)
    assert to_us(max((gap.end_time or NOW for gap in fake.gaps), default=from_us(0))) <= (
        fake.feed.book.ts
    )
