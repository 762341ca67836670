"""Pages of history against a plain server: nothing missing, nothing twice, nothing outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from perps_stats.core.errors import Unreadable
from perps_stats.core.times import EPOCH
from perps_stats.exchanges.contract import Request, Window, request
from perps_stats.exchanges.history import (
    Page,
    in_order,
    numbered,
    paged,
    paged_back,
    row_by_row,
    settlements,
    span,
)

from .answers import asked, body

HOUR = 3_600_000
EIGHT = frozenset({1, 4, 8})


class Row(Struct):
    time: int
    number: int = 0


READ = row_by_row(Row)


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
    flow = paged(by_time, READ, first, last, page_size=page_size, limit=limit)
    found, _ = asked(flow, Server(times, page_size))
    assert [row.time for row in found] == expected


def unruly(times: list[int], random: Random, *, newest: bool = False) -> Callable[[Request], bytes]:
    """Its pages hold the oldest rows, or the newest, in any order.

    Of ``times`` that are there twice a page may hold both.
    """

    def answer(request: Request) -> bytes:
        first, last, size = (int(request.query[name]) for name in ("startTime", "endTime", "limit"))
        found = sorted(time for time in times if first <= time <= last)
        page = found[-size:] if newest else found[:size]
        random.shuffle(page)
        return body([{"time": time} for time in page])

    return answer


UNRULY = st.lists(st.integers(1_000, 1_040), max_size=60)
RANDOM = st.randoms(use_true_random=False)


@given(
    times=UNRULY,
    first=st.integers(990, 1_050),
    limit=LIMIT,
    size=st.integers(1, 9),
    stretch=st.none() | st.integers(1, 50),
    random=RANDOM,
)
def test_pages_in_any_order(
    *,
    times: list[int],
    first: int,
    limit: int | None,
    size: int,
    stretch: int | None,
    random: Random,
) -> None:
    """The sorted distinct rows of the window come out, with no word of those that came twice."""
    flow = paged(by_time, READ, first, 1_030, page_size=size, limit=limit, stretch=stretch)
    found, _ = asked(flow, unruly(times, random))
    expected = sorted({time for time in times if first <= time <= 1_030})[:limit]
    assert [row.time for row in found] == expected


@given(UNRULY, st.integers(990, 1_050), st.integers(1, 9), RANDOM)
def test_pages_of_the_newest_in_any_order(
    times: list[int], last: int, page_size: int, random: Random
) -> None:
    """The same from the end back."""
    flow = paged_back(by_time, READ, 1_010, last, page_size=page_size)
    found, _ = asked(flow, unruly(times, random, newest=True))
    assert [row.time for row in found] == sorted({time for time in times if 1_010 <= time <= last})


def nothing(_: Request) -> bytes:
    raise AssertionError("asks nothing")


@given(st.lists(st.builds(Row, st.integers(0, 9), st.integers(0, 1)), max_size=12))
def test_rows_in_order(some: list[Row]) -> None:
    """One a time, the first that came; each other one that says something else is reported."""
    bad: list[Unreadable] = []
    found, _ = asked(in_order(some), nothing, bad)
    first = {row.time: row for row in reversed(some)}
    assert found == [first[time] for time in sorted(first)]
    assert len(bad) == sum(row != first[row.time] for row in some)


def test_two_rows_of_one_time() -> None:
    """Both are told, as nobody knows which is true."""
    bad: list[Unreadable] = []
    found, _ = asked(in_order([Row(5, 1), Row(4), Row(5, 2), Row(5, 1)]), nothing, bad)
    assert found == [Row(4), Row(5, 1)]
    assert ["two rows of 5" in str(each) for each in bad] == [True]
    assert "number=1" in str(bad[0])
    assert "number=2" in str(bad[0])


def test_rows_one_by_one() -> None:
    """Those that can be read, and how many were sent; of the others each is reported."""
    bad: list[Unreadable] = []
    sent = body([{"time": 1}, {"time": "?"}, {}, {"time": 4}])
    page, _ = asked(READ(sent), nothing, bad)
    assert page == Page([Row(1), Row(4)], 4)
    assert ["row 1: " in str(bad[0]), "row 2: " in str(bad[1]), len(bad)] == [True, True, 2]
    assert asked(READ(b"[]"), nothing)[0] == Page([], 0)


@pytest.mark.parametrize("sent", [b'[{"time":"?"},{}]', b'{"rows":[]}', b"", b"[{"])
def test_no_row_can_be_read(sent: bytes) -> None:
    """Then nothing was answered."""
    with pytest.raises(Unreadable):
        asked(READ(sent), nothing, [])


def test_a_short_page_is_the_last() -> None:
    """No request is spent to learn that there is nothing more."""
    flow = paged(by_time, READ, 0, 100, page_size=4, limit=None)
    _, asks = asked(flow, Server(list(range(6)), 4))
    assert [said[0][1]["startTime"] for said in asks] == ["0", "4"]


def test_a_server_that_ignores_the_start_ends_the_loop() -> None:
    """The same page again brings nothing new: no row twice, and no endless asking."""
    same = body([{"time": time} for time in (1, 2, 3)])
    flow = paged(by_time, READ, 0, 100, page_size=3, limit=None)
    found, asks = asked(flow, lambda _: same)
    assert [row.time for row in found] == [1, 2, 3]
    assert len(asks) == 2


def test_a_bad_row_does_not_end_the_pages() -> None:
    """A page is full by what was sent, not by what could be read."""
    pages = iter([[{"time": 1}, {"time": "?"}, {"time": 3}], [{"time": 4}]])
    bad: list[Unreadable] = []
    flow = paged(by_time, READ, 0, 100, page_size=3, limit=None)
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


def test_an_empty_window_asks_nothing() -> None:
    """Between two milliseconds there is no row, and no request."""
    empty = Window(EPOCH + timedelta(microseconds=1), EPOCH + timedelta(microseconds=2))
    history = settlements(by_time, READ, empty, None, page_size=9, spacings=EIGHT)
    assert asked(history, Server([0])) == ([], [])


def test_the_interval_of_funding_is_the_time_since_the_settlement_before() -> None:
    """Eight hours, then four, then a hole of twelve: unknown. Jitter is rounded."""
    hours = [0, 8, 16, 20, 24, 36, 37]
    times = [hour * HOUR + hour % 5 for hour in hours]
    flow = settlements(
        by_time, READ, window(8 * HOUR, 37 * HOUR), None, page_size=3, spacings=EIGHT
    )
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
        by_time, READ, window(first * HOUR, last * HOUR), limit, page_size=7, spacings=EIGHT
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
