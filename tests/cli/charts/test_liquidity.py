"""Liquidity: floors are marked, gaps shaded, and no line goes over what is missing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cli.charts.made import DAY, MINUTE, NOON, depth, gap, market

from perps_stats.cli.charts.figure import Shade
from perps_stats.cli.charts.liquidity import band_of, fields, notes, panels, records, units
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Gap

ONE = market()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10bps", "10bps"), ("10", "10bps"), ("2.5 BPS", "2_5bps"), ("100bps", "100bps")],
)
def test_a_band_by_its_distance(text: str, expected: str) -> None:
    """With or without its unit."""
    assert band_of(text) == expected


@pytest.mark.parametrize("text", ["7", "bps", "", "2_5bps0", "-10"])
def test_what_is_no_band_is_refused(text: str) -> None:
    """The distances there are stand in the remedy."""
    with pytest.raises(BadInput, match=r"use one of 1 bps, 2\.5 bps, 5 bps, 10 bps"):
        band_of(text)


def runs(rows: list[LiquidityDepthStats], *gaps: Gap) -> list[tuple[list[int], bool]]:
    """Of the bids: the minutes of each run, and whether it is of floors."""
    bids, _ = panels("BTC", {ONE: rows}, gaps, "10bps", DAY)
    return [
        ([(point.time - NOON) // MINUTE for point in run.points], run.floor) for run in bids.runs
    ]


def test_bids_and_asks_have_panels_of_their_own() -> None:
    """In quote coin, from zero."""
    bids, asks = panels("BTC", {ONE: [depth(0, "1000")]}, [], "10bps", DAY)
    assert (bids.title, bids.unit) == ("BTC, bids within 10 bps of mid", "USDT")
    assert [run.points[0].value for run in (*bids.runs, *asks.runs)] == [
        Decimal(1000),
        Decimal(500),
    ]


def test_samples_unusually_far_apart_are_not_joined() -> None:
    """Here those more than three minutes apart, where one a minute is usual."""
    rows = [depth(minute) for minute in (0, 1, 2, 3, 6, 10)]
    assert runs(rows) == [([0, 1, 2, 3, 6], False), ([10], False)]


def test_a_sample_without_a_value_breaks_the_line() -> None:
    """An unusable book is a hole, however short."""
    assert runs([depth(0), depth(1, None), depth(2)]) == [([0], False), ([2], False)]


def test_a_floor_is_marked() -> None:
    """The band is deeper than the book that was received reaches."""
    rows = [depth(0), depth(1, reach="9.9"), depth(2, reach="10")]
    assert runs(rows) == [([0, 1, 2], True)]
    bids, _ = panels("BTC", {ONE: rows}, [], "10bps", DAY)
    assert [point.floor for point in bids.runs[0].points] == [False, True, False]


def test_a_gap_breaks_the_line_and_is_shaded() -> None:
    """One that is still open reaches to the end, one that began before starts at the begin."""
    rows = [depth(minute) for minute in range(4)]
    assert runs(rows, gap(1, 2)) == [([0, 1], False), ([2, 3], False)]
    bids, _ = panels("BTC", {ONE: rows}, [gap(-9, 1), gap(3, None)], "10bps", DAY)
    assert bids.shades == (
        Shade("binance", NOON, NOON + MINUTE, "disconnect"),
        Shade("binance", NOON + 3 * MINUTE, DAY.end, "disconnect"),
    )


def test_one_exchange_s_gap_is_not_another_s() -> None:
    """Its line goes on."""
    rows = [depth(minute, exchange="kucoin") for minute in range(3)]
    bids, _ = panels("BTC", {market("kucoin"): rows}, [gap(0, 2)], "10bps", DAY)
    assert len(bids.runs) == 1


def test_what_a_reader_must_know() -> None:
    """Which samples are left out, whose book was unusable, how many gaps there are."""
    held = {ONE: [depth(0), depth(1, None)]}
    assert list(notes("BTC", held, [gap(0, 1), gap(2, 3)], {"binance": timedelta(seconds=80)})) == [
        "binance BTC: one sample of each 80 s is shown",
        "BTC: the book was unusable at times: binance",
        "BTC: shaded are gaps, in which we cannot vouch for the book: 2 of binance",
    ]
    assert list(notes("BTC", {ONE: [depth(0)]}, [], {"binance": None})) == []


def test_the_numbers_are_those_of_the_band() -> None:
    """Both sides, exact, and which of them are floors."""
    (record,) = records({ONE: [depth(0, "1000.50", reach="5")]}, "10bps")
    assert record == {
        "timestamp": "2026-03-02T12:00:00.000000Z",
        "exchange": "binance",
        "symbol": "BTC",
        "mid_price": "100",
        "bid_10bps": "1000.50",
        "ask_10bps": "500.25",
        "floors": ["bid_10bps"],
    }
    assert tuple(record) == fields("10bps")
    assert units("10bps") == {"mid_price": "quote/base", "bid_10bps": "quote", "ask_10bps": "quote"}
