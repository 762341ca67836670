"""``symbols``: the markets an exchange lists, under every name they go by."""

import asyncio

import click

from perps_stats.app.clients import open_exchanges
from perps_stats.app.logs import configure_logs
from perps_stats.cli.options import (
    CONTEXT,
    exchanges_option,
    names_of,
    output_options,
    settings_with,
)
from perps_stats.cli.output import Printed, Record, plain_value, show
from perps_stats.core.catalogue import units_of
from perps_stats.core.symbols import ccxt_name, full_name
from perps_stats.core.types import Market
from perps_stats.settings import Settings

COLUMNS = ("exchange", "symbol", "native", "contract", "multiplier", "tick_size", "status")


@click.command(context_settings=CONTEXT)
@exchanges_option
@output_options
def command(exchanges: str | None, *, as_json: bool, as_csv: bool, output: str | None) -> int:
    """The markets that exchanges list, and every name they go by."""
    settings = settings_with({})
    configure_logs(settings.log)
    records, simulated = asyncio.run(_markets(settings, names_of(exchanges, "exchanges")))
    printed = Printed(records=records, columns=COLUMNS, units=units_of(Market), simulated=simulated)
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    return 0


async def _markets(settings: Settings, names: list[str] | None) -> tuple[list[Record], list[str]]:
    async with open_exchanges(settings, names) as asked:
        listed = await asyncio.gather(*(each.client.get_markets() for each in asked.values()))
        simulated = [name for name, each in asked.items() if each.sender.simulated]
    return [_record(market) for markets in listed for market in markets], simulated


def _record(market: Market) -> Record:
    return {
        "exchange": market.exchange,
        "symbol": market.symbol,
        "native": market.native,
        "contract": market.contract,
        "full": full_name(market),
        "ccxt": ccxt_name(market),
        "multiplier": plain_value(market.multiplier),
        "tick_size": plain_value(market.tick_size),
        "lot_size": plain_value(market.lot_size),
        "status": market.status.value,
    }
