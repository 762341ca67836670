"""``market``: price, spread, turnover, open interest and funding of markets now, side by side."""

from collections.abc import Sequence

import click

from perps_stats.cli.asking import Across, Inquiry, ask
from perps_stats.cli.comparable import FUNDING, MULTIPLIER, PRICED_AT, UNITS, compared, share
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Record, Screen
from perps_stats.core.catalogue import units_of
from perps_stats.core.types import MarketStats
from perps_stats.feed.client import ExchangeClient

SHARES = ("turnover_share", "open_value_share")
COLUMNS = (
    "exchange",
    "symbol",
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
FIELDS = (*MarketStats.__struct_fields__, "multiplier", "spread_bps", *FUNDING, PRICED_AT, *SHARES)
ALL_UNITS = {**units_of(MarketStats), **UNITS}
ROUNDED = frozenset({"spread_bps", "price_change_pct", *SHARES, *FUNDING})


@click.command(context_settings=CONTEXT)
@asking_options(symbols="optional")
def command(asking: Asking) -> int:
    """Price, spread, volume, open interest and funding of markets now, one row for each.

    A share is of the total over the exchanges in the answer. The open value is at the mark price,
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
    share(records, "turnover_24h", "turnover_share")
    share(records, "open_value", "open_value_share")
    return Across()
