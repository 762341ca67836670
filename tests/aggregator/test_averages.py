"""Means over windows: what held how long, and what was left out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.averages import AVERAGED, MOST_UNKNOWN, Averager, to_held
from perps_stats.core.figures import LiquidityAverages, LiquidityDepthStats

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def figures(value: int, reach: str = "100", *, complete: bool = False) -> LiquidityDepthStats:
    """Every figure has the same value."""
    return LiquidityDepthStats(
        timestamp=EPOCH,
        exchange="binance",
        symbol="BTC",
        **dict.fromkeys(AVERAGED, Decimal(value)),
        reach_bid_bps=Decimal(reach),
        reach_ask_bps=Decimal(200),
        complete=complete,
        recv_ts=None,
    )


def averages_of(*holds: tuple[float, LiquidityDepthStats | None]) -> list[LiquidityAverages]:
    """Windows of ten seconds. A spread of one tenth of the value."""
    averager = Averager("binance", "BTC", 10)
    rows: list[LiquidityAverages] = []
    for second, said in holds:
        spread = None if said is None or said.mid_price is None else said.mid_price / 10
        held = None if said is None else to_held(said, spread)
        rows += averager.hold(round(second * SECOND), held)
    return rows


def seconds_of(row: LiquidityAverages) -> str:
    """Exact, floor, suspect."""
    return f"{row.exact_seconds} {row.floor_seconds} {row.suspect_seconds}"


def test_a_mean_is_weighted_by_time() -> None:
    """100 for four seconds and 200 for six are 160 on average."""
    (row,) = averages_of((0, figures(100)), (4, figures(200)), (12, figures(9)))
    assert row.timestamp == EPOCH
    assert (row.exchange, row.symbol) == ("binance", "BTC")
    assert {getattr(row, name) for name in AVERAGED} == {Decimal(160)}
    assert row.spread_bps == 16
    assert seconds_of(row) == "10 0 0"


def test_suspect_time_is_left_out_and_told() -> None:
    """Neither zero nor the value of before: the mean of what was known."""
    (row,) = averages_of((0, figures(100)), (2.5, None), (7.5, figures(300)), (10, None))
    assert row.mid_price == 200
    assert seconds_of(row) == "5 0 5"


def test_a_window_of_which_nothing_is_known_has_no_means() -> None:
    """Null, never zero."""
    _, row = averages_of((0, figures(1)), (10, None), (20, figures(1)))
    assert row.timestamp == EPOCH + timedelta(seconds=10)
    assert {getattr(row, name) for name in (*AVERAGED, "spread_bps")} == {None}
    assert (row.reach_bid_bps, row.reach_ask_bps, row.complete) == (None, None, False)
    assert seconds_of(row) == "0 0 10"


def test_floors_are_told_apart() -> None:
    """A book that ends before the widest band, unless it is whole; the least reach is told."""
    (row,) = averages_of(
        (0, figures(1, "99.9")), (3, figures(1)), (5, figures(1, "7", complete=True)), (10, None)
    )
    assert seconds_of(row) == "7 3 0"
    assert (row.reach_bid_bps, row.reach_ask_bps) == (Decimal(7), Decimal(200))
    assert not row.complete
    (whole,) = averages_of((0, figures(1, "7", complete=True)), (10, None))
    assert whole.complete


def test_a_book_without_a_mid_says_nothing() -> None:
    """Verified or not: its time is left out."""
    blank = LiquidityDepthStats(timestamp=EPOCH, exchange="binance", symbol="BTC")
    (row,) = averages_of((0, figures(4)), (2, blank), (8, figures(6)), (10, None))
    assert row.mid_price == 5
    assert seconds_of(row) == "4 0 6"


def test_the_first_window_is_told_only_when_it_is_whole() -> None:
    """What was before the first sample was not collected: nobody knows."""
    (row,) = averages_of((1, None), (3, figures(1)), (10, figures(2)), (20, None))
    assert row.timestamp == EPOCH + timedelta(seconds=10)
    assert row.mid_price == 2


def test_a_mean_is_rounded_once() -> None:
    """To 18 significant digits: 1 for three seconds of seven."""
    (row,) = averages_of((0, figures(1)), (3, figures(0)), (7, None), (10, None))
    assert row.mid_price == Decimal("0.428571428571428571")


def test_of_a_long_silence_only_the_beginning_is_told() -> None:
    """A suspect book is told by its gap; each window from the end of it on by a row again."""
    rows = averages_of((0, figures(1)), (10, None), (86_405, figures(2)), (86_420, None))
    times = [row.timestamp - EPOCH for row in rows]
    first = [timedelta(seconds=10 * number) for number in range(1 + MOST_UNKNOWN)]
    assert times == [*first, timedelta(seconds=86_400), timedelta(seconds=86_410)]
    assert seconds_of(rows[-2]) == "5 0 5"


steps = st.tuples(st.integers(-3, 12_000_000), st.none() | st.integers(1, 10**9))


@given(steps=st.lists(steps, min_size=1, max_size=20))
def test_it_is_what_a_naive_sum_says(steps: list[tuple[int, int | None]]) -> None:
    """Against exact fractions, piece by piece; the three counts sum to the window; every window
    between the first whole one and the last is told once.
    """
    at, pieces = 0, list[tuple[int, int | None]]()
    holds = list[tuple[float, LiquidityDepthStats | None]]()
    for length, value in [(0, 1), *steps]:
        pieces.append((at, value))
        holds.append((at / SECOND, None if value is None else figures(value)))
        at = max(at + length, at)
    rows = averages_of(*holds, (at / SECOND, None))
    ends = [start for start, _ in pieces[1:]] + [at]
    assert [row.timestamp for row in rows] == [
        EPOCH + timedelta(seconds=10 * number) for number in range(at // (10 * SECOND))
    ]
    for number, row in enumerate(rows):
        first, last = number * 10 * SECOND, (number + 1) * 10 * SECOND
        known = Fraction(0)
        total = Fraction(0)
        for (start, value), end in zip(pieces, ends, strict=True):
            time = min(end, last) - max(start, first)
            if time > 0 and value is not None:
                known += time
                total += value * time
        assert row.exact_seconds + row.floor_seconds + row.suspect_seconds == 10
        assert row.exact_seconds == Decimal(int(known)) / SECOND
        if row.mid_price is None:
            assert not known
        else:
            assert abs(Fraction(row.mid_price) - total / known) <= total / known / 10**17
