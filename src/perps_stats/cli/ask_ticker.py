"""``ticker``: prices and 24-hour statistics of markets now."""

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
from perps_stats.core.types import Ticker
from perps_stats.feed.client import ExchangeClient

COLUMNS = (
    "exchange",
    "symbol",
    "last_price",
    "mark_price",
    "index_price",
    "best_bid_price",
    "best_ask_price",
    "low_price_24h",
    "high_price_24h",
    "price_change_pct",
    "turnover_24h",
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
    """Prices and 24-hour statistics of markets now, one row for each."""
    inquiry = Inquiry(
        fields=Ticker.__struct_fields__,
        screen=Screen(COLUMNS, units_of(Ticker)),
        units=units_of(Ticker),
        one=_ticker,
        every=_all_tickers,
    )
    return ask(inquiry, exchanges, symbols, Output(as_json, as_csv, output))


async def _ticker(client: ExchangeClient, symbol: str) -> list[Record]:
    return [plain(await client.get_ticker(symbol))]


async def _all_tickers(client: ExchangeClient) -> list[Record]:
    return [plain(ticker) for ticker in await client.get_all_tickers()]
