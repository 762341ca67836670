"""Pages of history against a plain server: nothing missing, nothing twice, nothing outside."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import EPOCH
from perps_stats.exchanges.contract import Request, Window, request
from perps_stats.exchanges.history import candles, numbered, paged, settlements, span

from .answers import asked, body

HOUR = 3_600_000
MINUTE = 60_000
EIGHT = frozenset({1, 4, 8})


class Row(Struct):
    time: int
    number: int = 0


def by_time(first: int, last: int, size: int) -> Request:
    return request("/rows", {"startTime": first, "endTime": last, "limit": size})


def by_number(number: int, size: int) -> Request:
    return request("/rows", {"fromId": number, "limit": size})


class Server:
    """Gives rows as Binance does: from a time, to a time inclusive, oldest first, to a limit."""

    def __init__(self, times: list[int], max_limit: int = 1000) -> None:
        self._rows = [Row(time, number) for number, time in enumerate(sorted(times), 100)]
        self._max = max_limit

    def __call__(self, request: Request) -> bytes:
        query = {name: int(text) for name, text in request.query.items()}
        assert 1 <= query["limit"] <= self._max
        found = [
            {"time": row.time, "number": row.number}
            for row in self._rows
            if query.get("startTime", 0) <= row.time <= query.get("endTime", 10**14)
            and row.number >= query.get("fromId", 0)
        ]
        return body(found[: query["limit"]])


def window(first: int, after: int) -> Window:
    """From one millisecond to before another."""
    return Window(EPOCH + timedelta(milliseconds=first), EPOCH + timedelta(milliseconds=after))


TIMES = st.lists(st.integers(1_000, 1_200), unique=True, max_size=60)
BOUND = st.integers(990, 1_210)
LIMIT = st.none() | st.integers(1, 70)


@given(TIMES, BOUND, BOUND, LIMIT, st.integers(1, 9))
def test_pages_are_the_window(
    times: list[int], first: int, last: int, limit: int | None, page_size: int
) -> None:
    """Whatever the page size, the rows of the closed span come once each, the oldest of them."""
    expected = sorted(time for time in times if first <= time <= last)[:limit]
    flow = paged(by_time, Row, first, last, page_size=page_size, limit=limit)
    found, _ = asked(flow, Server(times, page_size))
    assert [row.time for row in found] == expected


def test_a_short_page_is_the_last() -> None:
    """No request is spent to learn that there is nothing more."""
    flow = paged(by_time, Row, 0, 100, page_size=4, limit=None)
    _, asks = asked(flow, Server(list(range(6)), 4))
    assert [said[0][1]["startTime"] for said in asks] == ["0", "4"]


def test_a_server_that_ignores_the_start_ends_the_loop() -> None:
    """The same page again brings nothing new: no row twice, and no endless asking."""
    same = body([{"time": time} for time in (1, 2, 3)])
    flow = paged(by_time, Row, 0, 100, page_size=3, limit=None)
    found, asks = asked(flow, lambda _: same)
    assert [row.time for row in found] == [1, 2, 3]
    assert len(asks) == 2


def test_a_bad_row_does_not_end_the_pages() -> None:
    """A page is full by what was sent, not by what could be read."""
    pages = iter([[{"time": 1}, {"time": "?"}, {"time": 3}], [{"time": 4}]])
    bad: list[Unreadable] = []
    flow = paged(by_time, Row, 0, 100, page_size=3, limit=None)
    found, _ = asked(flow, lambda _: body(next(pages)), bad)
    assert [row.time for row in found] == [1, 3, 4]
    assert len(bad) == 1


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("10:00:00", "10:00:01", (36_000_000, 36_000_999)),
        ("10:00:00.000001", "10:00:00.001001", (36_000_001, 36_000_001)),
        ("10:00:00.000001", "10:00:00.001000", (36_000_001, 36_000_000)),
    ],
)
def test_a_half_open_window_in_whole_milliseconds(
    start: str, end: str, expected: tuple[int, int]
) -> None:
    """A millisecond belongs to the window if its instant does; the end itself never does."""
    day = datetime(1970, 1, 1, tzinfo=UTC)
    times = [day.fromisoformat(f"1970-01-01T{time}+00:00") for time in (start, end)]
    assert span(Window(*times)) == expected


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 50), LIMIT, st.integers(1, 9))
def test_a_candle_is_closed_when_a_later_one_exists(
    first: int, last: int, newest: int, limit: int | None, page_size: int
) -> None:
    """Of candles that open each minute up to ``newest``, only the newest may still change."""
    opens = [minute * MINUTE for minute in range(newest + 1)]
    flow = candles(
        by_time,
        Row,
        window(first * MINUTE, last * MINUTE),
        limit,
        interval="1m",
        page_size=page_size,
    )
    found, _ = asked(flow, Server(opens, page_size))
    minutes = [minute for minute in range(newest + 1) if first <= minute < last][:limit]
    assert [(row.time, closed) for row, closed in found] == [
        (minute * MINUTE, minute < newest) for minute in minutes
    ]


def test_the_extra_candle_is_all_that_is_asked_for_beyond_the_window() -> None:
    """An hour of minutes is one request for 61 rows."""
    flow = candles(by_time, Row, window(0, HOUR), None, interval="1m", page_size=1000)
    _, asks = asked(flow, Server([minute * MINUTE for minute in range(100)]))
    assert [said[0][1] for said in asks] == [
        {"startTime": "0", "endTime": str(HOUR + MINUTE - 1), "limit": "61"}
    ]


def test_an_empty_window_asks_nothing() -> None:
    """Between two milliseconds there is no row, and no request."""
    empty = Window(EPOCH + timedelta(microseconds=1), EPOCH + timedelta(microseconds=2))
    flow = candles(by_time, Row, empty, None, interval="1m", page_size=9)
    assert asked(flow, Server([0])) == ([], [])
    history = settlements(by_time, Row, empty, None, page_size=9, spacings=EIGHT)
    assert asked(history, Server([0])) == ([], [])


def test_the_interval_of_funding_is_the_time_since_the_settlement_before() -> None:
    """Eight hours, then four, then a hole of twelve: unknown. Jitter is rounded."""
    hours = [0, 8, 16, 20, 24, 36, 37]
    times = [hour * HOUR + hour % 5 for hour in hours]
    flow = settlements(by_time, Row, window(8 * HOUR, 37 * HOUR), None, page_size=3, spacings=EIGHT)
    found, _ = asked(flow, Server(times, 3))
    assert [(row.time // HOUR, interval) for row, interval in found] == [
        (8, Decimal(8)),
        (16, Decimal(8)),
        (20, Decimal(4)),
        (24, Decimal(4)),
        (36, None),
    ]


@given(st.integers(0, 60), st.integers(0, 60), LIMIT, st.sampled_from([1, 4, 8]))
def test_settlements_are_those_of_the_window(
    first: int, last: int, limit: int | None, every: int
) -> None:
    """Looking back for the first interval brings no row of before the window."""
    times = [hour * HOUR for hour in range(0, 60, every)]
    flow = settlements(
        by_time, Row, window(first * HOUR, last * HOUR), limit, page_size=7, spacings=EIGHT
    )
    found, _ = asked(flow, Server(times, 7))
    expected = [time for time in times if first * HOUR <= time < last * HOUR][:limit]
    assert [row.time for row, _ in found] == expected
    assert all(interval == every for row, interval in found if row.time)


@given(
    st.lists(st.integers(0, 400), max_size=60),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(1, 70),
    st.integers(1, 9),
)
def test_numbers_go_on_where_a_millisecond_is_fuller_than_a_page(
    times: list[int], first: int, last: int, limit: int, page_size: int
) -> None:
    """Many rows share a time; each comes once, in the order of its number."""
    server = Server(times, page_size)
    flow = numbered(
        by_time,
        by_number,
        Row,
        window(first, last),
        limit,
        page_size=page_size,
        stretch=100,
    )
    found, _ = asked(flow, server)
    expected = [number for number, time in enumerate(sorted(times), 100) if first <= time < last][
        :limit
    ]
    assert [row.number for row in found] == expected


def test_numbers_that_do_not_go_on_end_the_loop() -> None:
    """A server that gives the same page again is not asked for ever."""
    same = body([{"time": 5, "number": 1}, {"time": 5, "number": 2}])
    flow = numbered(by_time, by_number, Row, window(0, 10), 99, page_size=2, stretch=100)
    found, asks = asked(flow, lambda _: same)
    assert [row.number for row in found] == [1, 2]
    assert len(asks) == 2
