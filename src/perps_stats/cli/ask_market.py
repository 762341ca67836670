"""``market``: price, volume, open interest and funding of markets now."""

import click

from perps_stats.cli.asking import Inquiry, ask
from perps_stats.cli.options import (
    CONTEXT,
    exchanges_option,
    optional_symbols_option,
    output_options,
)
from perps_stats.cli.output import Output, Record, Screen, plain
from perps_stats.core.catalogue import units_of
from perps_stats.core.types import MarketStats
from perps_stats.feed.client import ExchangeClient

COLUMNS = (
    "exchange",
    "symbol",
    "last_price",
    "mark_price",
    "best_bid_price",
    "best_ask_price",
    "price_change_pct",
    "turnover_24h",
    "open_interest",
    "funding_rate",
    "funding_interval",
)


@click.command(context_settings=CONTEXT)
@exchanges_option
@optional_symbols_option
@output_options
def command(
    exchanges: str | None,
    symbols: str | None,
    *,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Price, volume, open interest and funding of markets now, one row for each."""
    inquiry = Inquiry(
        fields=MarketStats.__struct_fields__,
        screen=Screen(COLUMNS, units_of(MarketStats)),
        units=units_of(MarketStats),
        one=_stats,
        every=_all_stats,
    )
    return ask(inquiry, exchanges, symbols, Output(as_json, as_csv, output))


async def _stats(client: ExchangeClient, symbol: str) -> list[Record]:
    return [plain(await client.get_market_stats(symbol))]


async def _all_stats(client: ExchangeClient) -> list[Record]:
    return [plain(stats) for stats in await client.get_all_market_stats()]
