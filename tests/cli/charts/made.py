"""Markets, and rows of them at known times."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from perps_stats.cli.charts.figure import Figure, Panel, Point, Span
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.types import FundingKind, FundingRate, Gap, GapCause, Kline, Market

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KNOWN = ("binance", "kucoin")
DAY = Span(NOON, NOON + timedelta(days=1))


def market(
    exchange: str = "binance", base: str = "BTC", quote: str = "USDT", *, multiplier: int = 1
) -> Market:
    return Market(
        exchange=exchange,
        symbol=base,
        native=f"{base}{quote}",
        contract=f"{base}-{quote}-PERP",
        base=base,
        quote=quote,
        settle=quote,
        multiplier=Decimal(multiplier),
    )


def kline(
    number: int,
    prices: str = "100 110 90 105",
    *,
    interval: str = "1h",
    exchange: str = "binance",
    symbol: str = "BTC",
    volume: str | None = "2",
) -> Kline:
    """The candle that opens so many intervals after noon: open, high, low and close."""
    first, high, low, last = map(Decimal, prices.split())
    opened = NOON + number * INTERVALS[interval]
    return Kline(
        exchange=exchange,
        symbol=symbol,
        interval=interval,
        open_time=opened,
        close_time=opened + INTERVALS[interval],
        open=first,
        high=high,
        low=low,
        close=last,
        volume=None if volume is None else Decimal(volume),
        closed=True,
    )


def funding(
    hours: int, rate: str = "0.0001", *, interval: str | None = "8", exchange: str = "binance"
) -> FundingRate:
    """Settled so many hours after noon."""
    time = NOON + hours * HOUR
    return FundingRate(
        exchange=exchange,
        symbol="BTC",
        funding_rate=Decimal(rate),
        funding_interval=None if interval is None else Decimal(interval),
        funding_time=time,
        kind=FundingKind.SETTLED,
        timestamp=time,
    )


def depth(
    minutes: int, bid: str | None = "1000", *, reach: str = "50", exchange: str = "binance"
) -> LiquidityDepthStats:
    """Value within 10 bps of mid, so many minutes after noon; asks have half of it."""
    value = None if bid is None else Decimal(bid)
    return LiquidityDepthStats(
        exchange=exchange,
        symbol="BTC",
        timestamp=NOON + minutes * MINUTE,
        mid_price=None if value is None else Decimal(100),
        bid_10bps=value,
        ask_10bps=None if value is None else value / 2,
        reach_bid_bps=Decimal(reach),
        reach_ask_bps=Decimal(50),
    )


def gap(begin: int, end: int | None, *, stream: str = "orderbook") -> Gap:
    """In minutes after noon."""
    return Gap(
        exchange="binance",
        symbol="BTC",
        stream=stream,
        start_time=NOON + begin * MINUTE,
        end_time=None if end is None else NOON + end * MINUTE,
        cause=GapCause.DISCONNECT,
        detected_at=NOON,
    )


def point(hours: float, value: str, *, floor: bool = False) -> Point:
    return Point(NOON + hours * HOUR, Decimal(value), floor)


def figure(
    *panels: Panel,
    exchanges: tuple[str, ...] = ("kucoin",),
    simulated: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Figure:
    """Of two hours from noon on."""
    return Figure(
        title="BTC: a chart",
        panels=panels,
        start=NOON,
        end=NOON + 2 * HOUR,
        exchanges=exchanges,
        records=[],
        fields=(),
        units={},
        simulated=simulated,
        notes=notes,
    )
