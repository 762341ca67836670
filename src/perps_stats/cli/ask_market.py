"""``market``: price, spread, turnover, open interest and funding of markets now, side by side."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import click

from perps_stats.cli.asking import Across, Inquiry, ask
from perps_stats.cli.comparable import (
    FUNDING,
    MULTIPLIER,
    PRICED_AT,
    UNITS,
    compared,
    number,
    share,
)
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Record, Screen
from perps_stats.core.catalogue import units_of
from perps_stats.core.types import MarketStats
from perps_stats.feed.client import ExchangeClient

SHARES = {"turnover_24h": "turnover_share", "open_value": "open_value_share"}
COLUMNS = (
    "exchange",
    "symbol",
    "quote",
    "multiplier",
    "last_price",
    "mark_price",
    "spread_bps",
    "price_change_pct",
    "turnover_24h",
    "turnover_share",
    "open_value",
    "open_value_share",
    *FUNDING,
)
FIELDS = (
    *MarketStats.__struct_fields__,
    "quote",
    "multiplier",
    "spread_bps",
    *FUNDING,
    PRICED_AT,
    *SHARES.values(),
)
ALL_UNITS = {**units_of(MarketStats), **UNITS}
ROUNDED = frozenset({"spread_bps", "price_change_pct", *SHARES.values(), *FUNDING})


@click.command(context_settings=CONTEXT)
@asking_options(symbols="optional")
def command(asking: Asking) -> int:
    """Price, spread, volume, open interest and funding of markets now, one row for each.

    A share is of the total over the exchanges in the answer: dollars and coins pegged to them count
    as one, in another quote it is shared apart. The open value is at the mark price,
    or at the last price where the exchange tells no mark price (open_value_at says).
    """
    inquiry = Inquiry(
        fields=FIELDS,
        screen=Screen(COLUMNS, ALL_UNITS, usual=MULTIPLIER, rounded=ROUNDED),
        units=ALL_UNITS,
        one=_stats,
        every=_all_stats,
        across=_with_shares,
    )
    return ask(inquiry, asking)


async def _stats(client: ExchangeClient, symbol: str) -> list[Record]:
    market = await client.get_market(symbol)
    return [compared(await client.get_market_stats(symbol), market)]


async def _all_stats(client: ExchangeClient) -> list[Record]:
    markets = {market.symbol: market for market in await client.get_markets()}
    found = await client.get_all_market_stats()
    return [compared(stats, markets[stats.symbol]) for stats in found]


def _with_shares(records: Sequence[Record]) -> Across:
    for field, into in SHARES.items():
        share(records, into, partial(_amounts, field))
    return Across()


def _amounts(field: str, records: Sequence[Record]) -> list[Decimal | None]:
    return [number(record[field]) for record in records]
