"""Candles of one exchange; of several their closing prices, how far apart they are, and volumes."""

from decimal import Decimal

from tests.cli.charts.made import HOUR, NOON, kline, market

from perps_stats.cli.charts.figure import Bar, Panel, Point, Run
from perps_stats.cli.charts.klines import notes, panels, records
from perps_stats.core.types import Kline, Market

ONE, OTHER = market("binance"), market("kucoin", quote="USD")


def test_one_exchange_is_shown_as_candles() -> None:
    """With volume below, coloured as the candle; the prices are those of the exchange."""
    candles = [kline(0), kline(1, "105 106 99 100")]
    prices, volume = panels("BTC", {ONE: candles})
    assert prices == Panel(title="BTC, binance", unit="USDT per coin", candles=tuple(candles))
    bars = (
        Bar("binance", NOON, NOON + HOUR, Decimal(0), Decimal(2), rising=True),
        Bar("binance", NOON + HOUR, NOON + 2 * HOUR, Decimal(0), Decimal(2), rising=False),
    )
    assert volume == Panel(title="BTC, volume", unit="coins", bars=bars, from_zero=True, minor=True)


def several() -> dict[Market, list[Kline]]:
    """The second exchange lacks the candle of the second hour."""
    return {
        ONE: [kline(0, "1 1 1 100"), kline(1, "1 1 1 101"), kline(2, "1 1 1 102")],
        OTHER: [
            kline(0, "1 1 1 102", exchange="kucoin", volume="3"),
            kline(2, "1 1 1 102", exchange="kucoin", volume=None),
        ],
    }


def test_several_exchanges_share_an_axis() -> None:
    """Closing prices at the time of the close; a missing candle breaks the line."""
    prices, _, _ = panels("BTC", several())
    first = tuple(Point(NOON + (at + 1) * HOUR, Decimal(100 + at)) for at in range(3))
    assert prices.unit == "USDT or USD per coin"
    assert prices.runs == (
        Run("binance", first),
        Run("kucoin", (Point(NOON + HOUR, Decimal(102)),)),
        Run("kucoin", (Point(NOON + 3 * HOUR, Decimal(102)),)),
    )


def test_how_far_apart_they_are_in_basis_points() -> None:
    """Of the median, 101 of 100 and 102; nothing where only one exchange has a price."""
    _, apart, _ = panels("BTC", several())
    assert apart.unit == "bps"
    assert [
        (run.exchange, [(point.time, point.value) for point in run.points]) for run in apart.runs
    ] == [
        ("binance", [(NOON + HOUR, Decimal("-99.00990099"))]),
        ("binance", [(NOON + 3 * HOUR, Decimal(0))]),
        ("kucoin", [(NOON + HOUR, Decimal("99.00990099"))]),
        ("kucoin", [(NOON + 3 * HOUR, Decimal(0))]),
    ]


def test_volumes_stand_on_each_other() -> None:
    """An unknown one has no bar, and it is said."""
    held = several()
    _, _, volume = panels("BTC", held)
    first = [bar for bar in volume.bars if bar.start == NOON]
    assert [(bar.exchange, bar.base, bar.amount, bar.rising) for bar in first] == [
        ("binance", Decimal(0), Decimal(2), None),
        ("kucoin", Decimal(2), Decimal(3), None),
    ]
    assert [bar.exchange for bar in volume.bars if bar.start == NOON + 2 * HOUR] == ["binance"]
    assert list(notes("BTC", held, "1h")) == ["BTC: the volume is not known of kucoin"]


def test_coins_that_are_counted_by_the_thousand_compare() -> None:
    """Prices are per coin on one axis; alone they are the exchange's, and the unit says so."""
    pepe, kilo = market("kucoin", "PEPE"), market("binance", "PEPE", multiplier=1000)
    held = {kilo: [kline(0, "1 1 1 8")], pepe: [kline(0, "1 1 1 0.008", exchange="kucoin")]}
    prices, _, volume = panels("PEPE", held)
    assert [run.points[0].value for run in prices.runs] == [Decimal("0.008"), Decimal("0.008")]
    assert [bar.amount for bar in volume.bars] == [Decimal(2000), Decimal(2)]
    alone, _ = panels("PEPE", {kilo: held[kilo]})
    assert (alone.unit, alone.candles[0].close) == ("USDT per 1000 coins", Decimal(8))


def test_it_is_said_that_candles_are_longer_and_made() -> None:
    """Than was asked for, and of what."""
    made = [kline(0, interval="4h")]
    assert list(notes("BTC", {ONE: made}, "1h")) == [
        "BTC: 1h candles would be too many here; these are of 4h"
    ]


def test_the_numbers_are_exact() -> None:
    """Text of decimals and times."""
    (record,) = records({ONE: [kline(0, "1e-9 2 1e-9 1.50")]})
    assert record["open"] == "0.000000001"
    assert record["close"] == "1.50"
    assert record["open_time"] == "2026-03-02T12:00:00.000000Z"
