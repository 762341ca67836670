"""Basis and spreads: of each market now, over all venues of a coin, and of a span."""

from msgspec import Struct

from perps_stats.aggregator.basis import basis_apr, premium
from perps_stats.aggregator.spreads import (
    cross_spread,
    quoted_spread,
    spread_average,
    with_best_prices,
)
from perps_stats.api.derived.costs import books
from perps_stats.api.derived.present import Known, known
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import TICKERS
from perps_stats.core.comparisons import (
    Basis,
    CrossSpread,
    Premium,
    QuotedSpread,
    SpreadAverage,
)
from perps_stats.core.stored import Query
from perps_stats.core.types import Market, Ticker


async def basis_history(
    sources: Sources, _choice: Choice, _filters: Filters, query: Query
) -> list[Premium]:
    return [premium(ticker) for ticker in await sources.repository.get_tickers(query)]


async def spread_history(
    sources: Sources, _choice: Choice, _filters: Filters, query: Query
) -> list[SpreadAverage]:
    windows = await sources.repository.get_liquidity_averages(query)
    return [spread_average(window) for window in windows]


async def tickers(sources: Sources, choice: Choice, filters: Filters) -> Known[Ticker]:
    return await known(
        sources,
        choice,
        filters,
        data_set=TICKERS,
        row=Ticker,
        stored=sources.repository.get_latest_tickers,
    )


class Quoted(Struct, frozen=True):
    """A market's prices now, its best ones too, and why there are none."""

    market: Market
    ticker: Ticker | None
    why: list[str]


async def _quoted(sources: Sources, choice: Choice, filters: Filters) -> list[Quoted]:
    told = await tickers(sources, choice, filters)
    held = await books(sources, choice, filters)
    found: list[Quoted] = []
    for market in await sources.markets(choice):
        ticker = with_best_prices(told.of(market), held.of(market))
        found.append(Quoted(market, ticker, told.why(market) if ticker is None else []))
    return found


async def basis(sources: Sources, choice: Choice, filters: Filters) -> list[Basis]:
    return [
        _basis(each.market, each.ticker, each.why)
        for each in await _quoted(sources, choice, filters)
    ]


def _basis(market: Market, ticker: Ticker | None, why: list[str]) -> Basis:
    nothing = Ticker(exchange=market.exchange, symbol=market.symbol, timestamp=None)
    found = premium(ticker or nothing)
    lacking = {
        "index price": found.index_price,
        "mark price": found.mark_price,
        "mid: a best price is missing, or they are crossed": found.mid_price,
    }
    unknown = [f"no {what}" for what, price in lacking.items() if price is None]
    return Basis(
        exchange=found.exchange,
        symbol=found.symbol,
        mark_price=found.mark_price,
        mid_price=found.mid_price,
        index_price=found.index_price,
        mark_basis_bps=found.mark_basis_bps,
        mid_basis_bps=found.mid_basis_bps,
        timestamp=found.timestamp,
        base=market.base,
        quote=market.quote,
        funding_interval=market.funding_interval,
        basis_apr=basis_apr(found, market.funding_interval),
        missing=why or unknown,
    )


async def spreads(sources: Sources, choice: Choice, filters: Filters) -> list[QuotedSpread]:
    return [
        quoted_spread(each.market, each.ticker, each.why)
        for each in await _quoted(sources, choice, filters)
    ]


async def cross_spreads(sources: Sources, choice: Choice, filters: Filters) -> list[CrossSpread]:
    """Of each coin and quote currency: prices in different ones are not compared."""
    alike: dict[tuple[str, str], list[Quoted]] = {}
    for each in await _quoted(sources, choice, filters):
        alike.setdefault((each.market.base, each.market.quote), []).append(each)
    return [
        cross_spread(
            [each.market for each in group],
            [quoted_spread(each.market, each.ticker, each.why) for each in group],
        )
        for group in alike.values()
    ]
