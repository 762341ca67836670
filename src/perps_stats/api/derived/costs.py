"""What taking an amount costs: now, venue by venue and split over them, and by hour of the week."""

from asyncio import sleep
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from msgspec import structs

from perps_stats.aggregator.cost import Offer, compare_costs, fee_missing, taker_fee
from perps_stats.api.derived.present import Known, back, by_coin, known, name_of
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.sources import Sources
from perps_stats.core.catalogue import ORDERBOOKS, SLIPPAGE
from perps_stats.core.comparisons import CostHour, ExecutionCost, SlippageHour
from perps_stats.core.figures import Slippage
from perps_stats.core.stored import Query
from perps_stats.core.types import Market, Orderbook, Side

ZERO = Decimal(0)
USUAL_SPAN = timedelta(days=7)
HOURS_OF_MARKET = 2 * 7 * 24
"""Of an amount: two sides of each hour of a week."""


async def costs(sources: Sources, choice: Choice, filters: Filters) -> list[ExecutionCost]:
    """Of every market of the question, whether they are known or not."""
    sides = list(Side) if filters.side is None else [filters.side]
    found: list[ExecutionCost] = []
    for coin in (await offers(sources, choice, filters)).values():
        for side in sides:
            found += compare_costs(coin, filters.size, side)
        await sleep(0)  # coins are many, and others want answers
    return found


async def offers(sources: Sources, choice: Choice, filters: Filters) -> Mapping[str, list[Offer]]:
    """By coin: the books and the sampled costs of now, and the fees."""
    held = await books(sources, choice, filters, filters.size)
    samples = await known(
        sources,
        choice,
        filters,
        data_set=SLIPPAGE,
        row=Slippage,
        stored=sources.repository.get_latest_slippage,
    )
    return {
        base: [
            Offer(
                market=market,
                fee=taker_fee(market, sources.taker_fees.get(market.exchange)),
                book=held.of(market),
                sampled=samples.all_of(market),
                absent=held.why(market),
            )
            for market in markets
        ]
        for base, markets in by_coin(await sources.markets(choice)).items()
    }


async def books(
    sources: Sources, choice: Choice, filters: Filters, size: Decimal = ZERO
) -> Known[Orderbook]:
    """With as many levels as ``size`` needs, of those that are known."""

    def fills(book: Orderbook) -> bool:
        return all(
            sum((level.price * level.quantity for level in levels), ZERO) >= size
            for levels in (book.bids, book.asks)
        )

    return await known(
        sources,
        choice,
        filters,
        data_set=ORDERBOOKS,
        row=Orderbook,
        stored=sources.repository.get_latest_orderbooks,
        enough=fills,
    )


async def hours_of_week(sources: Sources, choice: Choice, filters: Filters) -> list[CostHour]:
    """Of the samples of ``size``: of other amounts nothing is stored. A market has many: one after
    the other is asked for, until there are enough for a page that begins within the first.
    """
    end = filters.end or sources.now()
    only = {"trade_amount": str(filters.size)}
    if filters.side is not None:
        only["side"] = filters.side.value
    found: list[CostHour] = []
    for market in sorted(await sources.markets(choice), key=name_of):
        if len(found) > filters.limit + HOURS_OF_MARKET:
            break
        query = Query(
            markets=(name_of(market),),
            only=only,
            start=filters.start or back(end, USUAL_SPAN),
            end=end,
        )
        hours = await sources.repository.get_slippage_hours(query)
        found += (_with_fee(sources, hour, market) for hour in hours)
    return found


def _with_fee(sources: Sources, hour: SlippageHour, market: Market) -> CostHour:
    fee = taker_fee(market, sources.taker_fees.get(market.exchange))
    return CostHour(
        **structs.asdict(hour),
        fee_bps=fee.bps,
        fee_from=fee.said_by,
        missing=fee_missing(market, fee),
    )
