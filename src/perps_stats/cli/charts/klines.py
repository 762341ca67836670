"""The figure of candles: of one exchange as candles, of several as their closing prices."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import TypeAlias

from perps_stats.aggregator.exact import to_bps
from perps_stats.cli.charts.figure import Bar, Panel, Point, Run, listed, runs_of
from perps_stats.cli.output import Record, plain
from perps_stats.core.catalogue import KLINES
from perps_stats.core.types import Kline, Market

FIELDS = KLINES.fields
UNITS = KLINES.units
Held: TypeAlias = Mapping[Market, Sequence[Kline]]
"""The candles of each market of a symbol, in order, all of one interval."""
Closes: TypeAlias = Mapping[datetime, Decimal]


def panels(symbol: str, held: Held) -> list[Panel]:
    """Prices, of several exchanges also how far apart they are, and volumes."""
    quote = " or ".join(dict.fromkeys(market.quote for market in held))
    if len(held) == 1:
        ((market, candles),) = held.items()
        return [_candles(market, candles), _volumes(symbol, held)]
    closes = {market: _closes(market, candles) for market, candles in held.items()}
    return [
        Panel(
            title=f"{symbol}, closing prices",
            unit=f"{quote} per coin",
            runs=_runs(held, closes),
        ),
        Panel(
            title=f"{symbol}, closing prices against the median of the exchanges",
            unit="bps",
            runs=_runs(held, _apart(closes)),
            from_zero=True,
            minor=True,
        ),
        _volumes(symbol, held),
    ]


def _candles(market: Market, candles: Sequence[Kline]) -> Panel:
    coins = "coin" if market.multiplier == 1 else f"{market.multiplier:f} coins"
    title = f"{market.symbol}, {market.exchange}"
    return Panel(title=title, unit=f"{market.quote} per {coins}", candles=tuple(candles))


def _closes(market: Market, candles: Sequence[Kline]) -> Closes:
    """Of one coin, by the time when the candle closed."""
    return {candle.close_time: candle.close / market.multiplier for candle in candles}


def _apart(closes: Mapping[Market, Closes]) -> dict[Market, Closes]:
    """In basis points of the median, where there are prices of at least two exchanges."""
    together: dict[datetime, list[Decimal]] = {}
    for prices in closes.values():
        for time, price in prices.items():
            together.setdefault(time, []).append(price)
    middles = {time: median(prices) for time, prices in together.items() if len(prices) > 1}
    return {
        market: {
            time: to_bps(price - middles[time], middles[time])
            for time, price in prices.items()
            if time in middles
        }
        for market, prices in closes.items()
    }


def _runs(held: Held, values: Mapping[Market, Closes]) -> tuple[Run, ...]:
    """Broken where a candle is missing."""
    runs: list[Run] = []
    for market, candles in held.items():
        opened = {candle.close_time: candle.open_time for candle in candles}
        points = [Point(time, value) for time, value in values[market].items()]
        runs += runs_of(market.exchange, points, lambda a, b: opened[b.time] <= a.time)  # noqa: B023
    return tuple(runs)


def _volumes(symbol: str, held: Held) -> Panel:
    """Bars of several exchanges stand on each other."""
    rising = len(held) == 1
    tops: dict[datetime, Decimal] = {}
    bars: list[Bar] = []
    for market, candles in held.items():
        for candle in candles:
            if candle.volume is None:
                continue
            base, amount = tops.get(candle.open_time, Decimal(0)), candle.volume * market.multiplier
            tops[candle.open_time] = base + amount
            up = candle.close >= candle.open if rising else None
            bars.append(Bar(market.exchange, candle.open_time, candle.close_time, base, amount, up))
    title = f"{symbol}, volume"
    return Panel(title=title, unit="coins", bars=tuple(bars), from_zero=True, minor=True)


def records(held: Held) -> list[Record]:
    return [plain(candle) for candles in held.values() for candle in candles]


def notes(symbol: str, held: Held, asked: str) -> Iterator[str]:
    """What was made of what, and what is not known."""
    candles = [candle for found in held.values() for candle in found]
    drawn = candles[0].interval
    if drawn != asked:
        yield f"{symbol}: {asked} candles would be too many here; these are of {drawn}"
    made = listed(each.aggregated_from for each in candles if each.aggregated_from is not None)
    if made:
        yield f"{symbol}: made of candles of {made}; where one is missing there is a hole"
    unknown = listed(candle.exchange for candle in candles if candle.volume is None)
    if unknown:
        yield f"{symbol}: the volume is not known of {unknown}"
