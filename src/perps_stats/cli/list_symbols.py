"""``symbols``: the markets an exchange lists, under every name they go by."""

import click

from perps_stats.cli.asking import Inquiry, ask
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Record, Screen, plain
from perps_stats.core.catalogue import units_of
from perps_stats.core.symbols import ccxt_name, full_name
from perps_stats.core.types import Market
from perps_stats.feed.client import ExchangeClient

NAMES = ("full", "ccxt")
COLUMNS = (
    "exchange",
    "symbol",
    "native",
    "contract",
    "ccxt",
    "multiplier",
    "tick_size",
    "lot_size",
    "status",
)


@click.command(context_settings=CONTEXT)
@asking_options(symbols="none")
def command(asking: Asking) -> int:
    """The markets that exchanges list: every name they go by, tick, lot, limits and fees."""
    inquiry = Inquiry(
        fields=(*Market.__struct_fields__, *NAMES),
        screen=Screen(COLUMNS),
        units=units_of(Market),
        every=_markets,
    )
    return ask(inquiry, asking)


async def _markets(client: ExchangeClient) -> list[Record]:
    markets = sorted(await client.get_markets(), key=lambda market: market.symbol)
    return [
        {**plain(market), "full": full_name(market), "ccxt": ccxt_name(market)}
        for market in markets
    ]
