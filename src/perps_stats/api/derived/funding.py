"""Funding in terms that compare: of each market now, of a span, and what pairs of venues leave."""

from asyncio import sleep
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import structs

from perps_stats.aggregator.carry import net_pairs, round_trip
from perps_stats.aggregator.cost import compare_costs
from perps_stats.aggregator.funding import funding_terms
from perps_stats.api.derived.costs import offers
from perps_stats.api.derived.present import known
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import FUNDING_RATES
from perps_stats.core.comparisons import ComparableFunding, FundingCell, NetPair
from perps_stats.core.stored import Query
from perps_stats.core.types import FundingKind, FundingRate, Market, Side

HOUR = timedelta(hours=1)


async def history(
    sources: Sources, _choice: Choice, _filters: Filters, query: Query
) -> list[ComparableFunding]:
    return [comparable(rate) for rate in await sources.repository.get_funding_rates(query)]


async def matrix(sources: Sources, choice: Choice, filters: Filters) -> list[FundingCell]:
    """Of every market of the question, whether its funding is known or not."""
    kind = filters.kind or FundingKind.PREDICTED
    rates = await known(
        sources,
        choice,
        filters,
        data_set=FUNDING_RATES,
        row=FundingRate,
        stored=sources.repository.get_latest_funding_rates,
        holds=_holds,
    )
    return [
        _cell(
            market,
            next((rate for rate in rates.all_of(market) if rate.kind is kind), None),
            kind,
            rates.why(market) or [f"no {kind.value} rate is known"],
        )
        for market in await sources.markets(choice)
    ]


async def arbitrage(sources: Sources, choice: Choice, filters: Filters) -> list[NetPair]:
    """Of each coin that several venues have."""
    cells = {(cell.exchange, cell.symbol): cell for cell in await matrix(sources, choice, filters)}
    offered = await offers(sources, choice, filters)
    hours = Decimal(filters.hold // timedelta(seconds=1)) / 3600
    found: list[NetPair] = []
    for coin in offered.values():
        buys = compare_costs(coin, filters.size, Side.BUY)
        sales = compare_costs(coin, filters.size, Side.SELL)
        trips = {
            (buy.exchange, buy.symbol): round_trip((buy, sale))
            for buy, sale in zip(buys, sales, strict=True)
        }
        found += net_pairs([cells[name] for name in trips], trips, filters.size, hours)
        await sleep(0)  # coins are many, and others want answers
    return found


def comparable(rate: FundingRate) -> ComparableFunding:
    terms = funding_terms(rate.exchange, rate.symbol, rate.funding_rate, rate.funding_interval)
    return ComparableFunding(
        **structs.asdict(terms),
        kind=rate.kind,
        funding_rate=rate.funding_rate,
        funding_interval=rate.funding_interval,
        timestamp=rate.timestamp,
    )


def _holds(rate: FundingRate) -> timedelta:
    """What was settled holds until the next is."""
    if rate.kind is FundingKind.PREDICTED or rate.funding_interval is None:
        return timedelta()
    return float(rate.funding_interval) * HOUR


def _cell(
    market: Market, rate: FundingRate | None, kind: FundingKind, why: Sequence[str]
) -> FundingCell:
    """``why`` there is no rate. The interval of now is also told by the exchange's listing."""
    cell = FundingCell(
        base=market.base,
        exchange=market.exchange,
        symbol=market.symbol,
        quote=market.quote,
        kind=kind,
        missing=list(why),
    )
    if rate is None:
        return cell
    interval = rate.funding_interval or _listed_interval(market, kind)
    terms = funding_terms(market.exchange, market.symbol, rate.funding_rate, interval)
    return structs.replace(
        cell,
        **structs.asdict(terms),
        funding_rate=rate.funding_rate,
        funding_interval=interval,
        next_funding_time=_next_time(rate),
        timestamp=rate.timestamp,
        missing=["its interval is not known"] if interval is None else [],
    )


def _listed_interval(market: Market, kind: FundingKind) -> Decimal | None:
    return market.funding_interval if kind is FundingKind.PREDICTED else None


def _next_time(rate: FundingRate) -> datetime | None:
    """When a running estimate settles is told as the one or as the other."""
    if rate.kind is FundingKind.SETTLED:
        return rate.next_funding_time
    return rate.next_funding_time or rate.funding_time
