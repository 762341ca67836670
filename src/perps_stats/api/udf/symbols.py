"""Markets as the charting library describes and finds them."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from perps_stats.api.names import Names
from perps_stats.api.sources import Sources
from perps_stats.api.udf.resolutions import resolutions
from perps_stats.core.errors import BadInput
from perps_stats.core.intervals import INTERVALS
from perps_stats.core.stored import Query
from perps_stats.core.traits import Repository
from perps_stats.core.types import Kline, Market

TYPE = "crypto"
ALL_DAY = "24x7"


class SymbolInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``LibrarySymbolInfo`` of the library. A price is a multiple of ``minmov / pricescale``."""

    name: str
    ticker: str
    """What the library asks for bars by: ``binance:BTC``."""
    description: str
    type: str
    session: str
    timezone: str
    exchange: str
    listed_exchange: str
    format: str
    minmov: int
    pricescale: int
    has_intraday: bool
    intraday_multipliers: list[str]
    has_daily: bool
    daily_multipliers: list[str]
    has_weekly_and_monthly: bool
    weekly_multipliers: list[str]
    monthly_multipliers: list[str]
    has_empty_bars: bool
    """Never: a hole is shown as one."""
    supported_resolutions: list[str]
    visible_plots_set: str
    volume_precision: int | None = None


class Found(Struct, frozen=True, kw_only=True):
    """``SearchSymbolResultItem`` of the library."""

    symbol: str
    full_name: str
    ticker: str
    description: str
    exchange: str
    type: str


async def market_of(sources: Sources, symbol: str) -> tuple[Market, bool]:
    """And whether it is simulated. Raises ``BadInput`` for what names none, or more than one."""
    venue, colon, name = symbol.partition(":")
    names = await sources.listing.names()
    if colon and venue.lower() in names.simulated:  # users write BINANCE:BTC
        symbol = f"{venue.lower()}:{name}"
    choice = await sources.listing.choose((), (symbol,))
    markets = await sources.markets(choice)
    if len(markets) > 1:
        tickers = ", ".join(map(ticker_of, markets))
        raise BadInput("symbol", symbol, f"several exchanges have it: {tickers}")
    if not markets:
        raise BadInput("symbol", symbol, "no market is stored yet")
    return markets[0], choice.simulated


def ticker_of(market: Market) -> str:
    return f"{market.exchange}:{market.symbol}"


async def symbol_info(sources: Sources, symbol: str) -> SymbolInfo:
    """Raises ``BadInput`` also where no candles of the market are stored."""
    market, simulated = await market_of(sources, symbol)
    last = await _last_candles(sources.repository, market)
    if not last:
        raise BadInput("symbol", symbol, "no candles of it are stored")
    offered = resolutions([candle.interval for candle in last])
    minmov, pricescale = price_steps(market, last)
    return SymbolInfo(
        name=market.contract,
        ticker=ticker_of(market),
        description=_description(market, simulated=simulated),
        type=TYPE,
        session=ALL_DAY,
        timezone="Etc/UTC",
        exchange=market.exchange,
        listed_exchange=market.exchange,
        format="price",
        minmov=minmov,
        pricescale=pricescale,
        has_intraday=bool(offered.minutes),
        intraday_multipliers=offered.minutes,
        has_daily=bool(offered.days),
        daily_multipliers=offered.days,
        has_weekly_and_monthly=bool(offered.weeks),
        weekly_multipliers=offered.weeks,
        monthly_multipliers=[],
        has_empty_bars=False,
        supported_resolutions=offered.all,
        visible_plots_set="ohlcv",
        volume_precision=market.quantity_scale,
    )


async def _last_candles(repository: Repository, market: Market) -> list[Kline]:
    """Of each interval that is stored."""
    query = Query(markets=((market.exchange, market.symbol),))
    return await repository.get_latest_klines(query, *INTERVALS)


def price_steps(market: Market, last: Sequence[Kline]) -> tuple[int, int]:
    """The least change of a price as ``minmov / pricescale``: 0.25 is 25 / 100.

    Where the exchange names no tick, it is one of the last decimal that prices have.
    """
    tick = market.tick_size or Decimal(1).scaleb(-_decimals(market, last))
    _, digits, exponent = tick.normalize().as_tuple()
    if not isinstance(exponent, int) or exponent >= 0:
        return int(tick), 1
    return int("".join(map(str, digits))), 10**-exponent


def _decimals(market: Market, last: Sequence[Kline]) -> int:
    """On the wire; where that is not known, of the last candles."""
    if market.price_scale is not None:
        return market.price_scale
    prices = (price for each in last for price in (each.open, each.high, each.low, each.close))
    return max(len(f"{price:f}".partition(".")[2]) for price in prices)


def _description(market: Market, *, simulated: bool) -> str:
    """The library shows it above the chart."""
    of = f"{market.base}/{market.quote} perpetual, {market.exchange}"
    return f"{of} (simulated)" if simulated else of


def search(names: Names, text: str, exchange: str, kind: str, limit: int) -> list[Found]:
    """The markets whose names hold ``text``, those that begin with it first."""
    if kind not in {"", TYPE}:
        return []
    wanted = text.lower().rpartition(":")[2]
    ranked = sorted(
        (rank, ticker_of(market), market)
        for market in names.markets
        if exchange in {"", market.exchange} and (rank := _rank(market, wanted)) is not None
    )
    return [
        _found(market, simulated=names.simulated.get(market.exchange, False))
        for _, _, market in ranked[:limit]
    ]


def _rank(market: Market, wanted: str) -> int | None:
    """The less the better; ``None``: it is not among its names."""
    names = [name.lower() for name in (market.base, market.symbol, market.contract, market.native)]
    tests = (
        wanted == names[0],
        any(name.startswith(wanted) for name in names),
        any(wanted in name for name in names),
    )
    return next((place for place, holds in enumerate(tests) if holds), None)


def _found(market: Market, *, simulated: bool) -> Found:
    return Found(
        symbol=market.contract,
        full_name=ticker_of(market),
        ticker=ticker_of(market),
        description=_description(market, simulated=simulated),
        exchange=market.exchange,
        type=TYPE,
    )
