"""Candles by the page: whole pages, rows that are no candles, order, window, closed or not."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import EPOCH
from perps_stats.exchanges.candles import candle_reader, candles
from perps_stats.exchanges.contract import (
    Candle,
    Candles,
    Flow,
    Request,
    Window,
    decoded,
    request,
)
from perps_stats.exchanges.history import Page, plain_list

from .answers import asked, body

MINUTE, HOUR = 60_000, 3_600_000
ANY_LIMIT = st.none() | st.integers(1, 70)


class Row(Struct, array_like=True):
    time: int
    open: str
    high: str
    low: str
    close: str
    volume: str | None = None
    turnover: str | None = None
    trades: int | None = None


def to_candles(found: Sequence[Row]) -> list[Candle]:
    return [
        Candle(
            *(row.time, row.open, row.high, row.low, row.close),
            *(row.volume, row.turnover, row.trades),
        )
        for row in found
    ]


READ = candle_reader(Row, lambda sent: decoded(sent, list[Row]), plain_list, to_candles)


def nothing(_: Request) -> bytes:
    raise AssertionError("asks nothing")


def page(*rows: object) -> tuple[Page[Candle], list[str]]:
    """What is read out of a body, and what is reported."""
    bad: list[Unreadable] = []
    return asked(READ(body(rows)), nothing, bad)[0], [str(each) for each in bad]


def candle(minute: int, close: str = "2.50", volume: str = "0.0100") -> Candle:
    return Candle(minute * MINUTE, "2.0", "3", "1e-8", close, volume, "0.02500", 7)


ONE, TWO, THREE, FOUR = (candle(minute) for minute in range(1, 5))


def test_a_whole_page() -> None:
    """Text as it came; what is not told is unknown; a volume of zero is one."""
    quiet = candle(2, volume="0")
    untold = Candle(3 * MINUTE, "1", "1", "1", "1")
    assert page(ONE, quiet, untold) == (Page([ONE, quiet, untold], 3), [])
    assert page() == (Page([], 0), [])


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (["noon", *TWO[1:]], "row 1: Expected `int`, got `str` - at `$[0]`"),
        ([*TWO[:4], None], "row 1: Expected `str`, got `null` - at `$[4]`"),
        (TWO[:4], "row 1: "),
        ({"time": 1}, "row 1: "),
    ],
)
def test_a_row_of_another_type_loses_only_itself(spoilt: object, why: str) -> None:
    """It is reported by its place, and counts as sent: the page was as full as it was."""
    read, bad = page(ONE, spoilt, THREE)
    assert read == Page([ONE, THREE], 3)
    assert [why in each for each in bad] == [True]


def test_no_row_can_be_read() -> None:
    """Then nothing was answered."""
    with pytest.raises(Unreadable, match="row 0"):
        page(["?"], ["?"])
    with pytest.raises(Unreadable, match="Expected `array`"):
        asked(READ(b'{"code":1}'), nothing, [])


NO_NUMBERS = ["NaN", "inf", "-inf", "abc", "", "1e999", "1_0", "\u0661"]
UNSOUND = [
    *((field, text) for field in ("open", "high", "low", "close") for text in ("0", "-1", "0.0")),
    *((field, text) for field in ("open", "high", "low", "close") for text in NO_NUMBERS),
    *((field, text) for field in ("volume", "turnover") for text in ("-0.1", *NO_NUMBERS)),
    ("trades", -1),
]


@pytest.mark.parametrize(("field", "value"), UNSOUND)
def test_an_impossible_number_loses_only_its_candle(field: str, value: object) -> None:
    """A price is above zero, an amount not below, and both are finite: else it is reported."""
    named = zip(Candle._fields, TWO, strict=True)
    spoilt = [value if name == field else told for name, told in named]
    read, bad = page(ONE, spoilt, THREE)
    assert read == Page([ONE, THREE], 3)
    assert [f"{field}={value!r}" in each for each in bad] == [True]


def test_both_kinds_of_bad_rows_in_a_page() -> None:
    """Each is reported, and the sound ones are there."""
    read, bad = page(ONE, ["?"], THREE._replace(low="0"), FOUR)
    assert read == Page([ONE, FOUR], 4)
    assert ["row 1: " in bad[0], "low='0'" in bad[1], len(bad)] == [True, True, 2]


def test_no_candle_is_sound() -> None:
    """Then the page is none of candles."""
    with pytest.raises(Unreadable, match="close='0'"):
        page(candle(1, "0"), candle(2, "0"))


def by_time(first: int, last: int, size: int) -> Request:
    return request("/rows", {"startTime": first, "endTime": last, "limit": size})


def window(first: int, after: int) -> Window:
    """From one minute to before another."""
    return Window(EPOCH + timedelta(minutes=first), EPOCH + timedelta(minutes=after))


def ask(
    of: Window, limit: int | None = None, page_size: int = 1000, *, stretched: bool = False
) -> Flow[Candles]:
    return candles(
        by_time, READ, of, limit, interval="1m", page_size=page_size, stretched=stretched
    )


def sent(*rows: Candle) -> Callable[[Request], bytes]:
    """A server that gives these, whatever it is asked."""
    return lambda _: body(rows)


def test_candles_in_any_order_and_twice() -> None:
    """Oldest first, each once, with no word of the second."""
    found, _ = asked(ask(window(1, 4)), sent(THREE, ONE, FOUR, TWO, ONE, THREE))
    assert found == Candles([ONE, TWO, THREE], 3)


def test_two_candles_of_one_time() -> None:
    """The first that came is kept; that another says something else is reported."""
    bad: list[Unreadable] = []
    other = candle(2, close="2.51")
    found, _ = asked(ask(window(1, 4)), sent(ONE, TWO, other, THREE, FOUR), bad)
    assert found == Candles([ONE, TWO, THREE], 3)
    assert [f"two rows of {2 * MINUTE}" in str(each) for each in bad] == [True]
    assert [text in str(bad[0]) for text in ("'2.50'", "'2.51'")] == [True, True]


def test_candles_outside_the_window() -> None:
    """None is given that opens before it, at its end or later; the next one closes the last."""
    found, _ = asked(ask(window(2, 3)), sent(ONE, TWO, THREE, FOUR))
    assert found == Candles([TWO], 1)
    assert asked(ask(window(2, 3)), sent(ONE, FOUR))[0] == Candles([], 0)


def test_without_a_later_candle_the_last_is_not_closed() -> None:
    """Nor is a single one; an empty answer has none."""
    assert asked(ask(window(1, 4)), sent(ONE, TWO))[0] == Candles([ONE, TWO], 1)
    assert asked(ask(window(1, 4)), sent(ONE))[0] == Candles([ONE], 0)
    assert asked(ask(window(1, 4)), sent())[0] == Candles([], 0)


def test_an_unsound_candle_proves_nothing() -> None:
    """The one before it may be the newest."""
    found, _ = asked(ask(window(1, 2)), sent(ONE, candle(2, close="0")), [])
    assert found == Candles([ONE], 0)


class Server:
    """Has a candle each of some minutes; a page may hold one twice, and is in any order."""

    def __init__(self, minutes: Sequence[int], random: Random, max_limit: int) -> None:
        self._candles = [candle(minute) for minute in sorted(minutes)]
        self._random = random
        self._max = max_limit

    def __call__(self, request: Request) -> bytes:
        first, last, size = (int(request.query[name]) for name in ("startTime", "endTime", "limit"))
        assert 1 <= size <= self._max
        found = [each for each in self._candles if first <= each.time <= last][:size]
        self._random.shuffle(found)
        return body(found)


@given(
    minutes=st.lists(st.integers(1, 50), max_size=60),
    first=st.integers(1, 50),
    after=st.integers(1, 50),
    limit=ANY_LIMIT,
    page_size=st.integers(1, 9),
    stretched=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_candles_are_those_of_a_plain_list(
    *,
    minutes: list[int],
    first: int,
    after: int,
    limit: int | None,
    page_size: int,
    stretched: bool,
    random: Random,
) -> None:
    """The oldest of the window; closed are those that the server has a later one of."""
    flow = ask(window(first, after), limit, page_size, stretched=stretched)
    found, _ = asked(flow, Server(minutes, random, page_size))
    seen = sorted({minute for minute in minutes if first <= minute <= after})
    expected = [minute for minute in seen if minute < after][:limit]
    assert found.rows == [candle(minute) for minute in expected]
    assert found.closed == sum(minute < seen[-1] for minute in expected)


def test_the_extra_candle_is_all_that_is_asked_for_beyond_the_window() -> None:
    """An hour of minutes is one request for 61 rows; a limit of 5 is one for 6."""
    _, asks = asked(ask(window(1, 61)), sent())
    assert [said[0][1] for said in asks] == [
        {"startTime": str(MINUTE), "endTime": str(HOUR + 2 * MINUTE - 1), "limit": "61"}
    ]
    _, asks = asked(ask(window(1, 61), limit=5), sent())
    assert [said[0][1]["limit"] for said in asks] == ["6"]


def test_a_stretched_request_spans_a_page() -> None:
    """Whatever there is in it: 25 minutes and the one after them in pages of 10."""
    _, asks = asked(ask(window(0, 25), page_size=10, stretched=True), sent())
    spans = [(int(said[0][1]["startTime"]), int(said[0][1]["endTime"])) for said in asks]
    assert spans == [
        (0, 10 * MINUTE - 1),
        (10 * MINUTE, 20 * MINUTE - 1),
        (20 * MINUTE, 26 * MINUTE - 1),
    ]


def test_an_empty_window_asks_nothing() -> None:
    """Between two milliseconds there is no candle, and no request."""
    empty = Window(EPOCH + timedelta(microseconds=1), EPOCH + timedelta(microseconds=2))
    assert asked(ask(empty), nothing) == (Candles([], 0), [])
