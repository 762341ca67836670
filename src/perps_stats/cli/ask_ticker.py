"""``ticker``: prices and 24-hour statistics of markets now."""

from functools import partial

import click

from perps_stats.cli.asking import answer, ask
from perps_stats.cli.options import (
    CONTEXT,
    exchanges_option,
    names_of,
    output_options,
    required_names,
    settings_with,
    symbols_option,
)
from perps_stats.cli.output import Record, plain
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
    "high_price_24h",
    "low_price_24h",
    "price_change_pct",
    "volume_24h",
)


@click.command(context_settings=CONTEXT)
@exchanges_option
@symbols_option
@output_options
def command(
    exchanges: str | None, symbols: str, *, as_json: bool, as_csv: bool, output: str | None
) -> int:
    """Prices and 24-hour statistics of markets now."""
    outcomes, simulated = ask(
        settings_with({}),
        names_of(exchanges, "exchanges"),
        required_names(symbols, "symbols"),
        _ticker,
    )
    show = partial(answer, as_json=as_json, as_csv=as_csv, output=output)
    return show(outcomes, simulated, COLUMNS, units_of(Ticker))


async def _ticker(client: ExchangeClient, symbol: str) -> list[Record]:
    return [plain(await client.get_ticker(symbol))]
