"""``liquidity``: the value resting within a distance from mid now."""

from functools import partial

import click

from perps_stats.aggregator import calculate_liquidity_depth, floors
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
from perps_stats.core.catalogue import LIQUIDITY
from perps_stats.feed.client import ExchangeClient

DEPTH = 1000
COLUMNS = (
    "exchange",
    "symbol",
    "mid_price",
    "bid_1bps",
    "ask_1bps",
    "bid_5bps",
    "ask_5bps",
    "bid_10bps",
    "ask_10bps",
    "bid_20bps",
    "ask_20bps",
    "reach_bid_bps",
    "reach_ask_bps",
)


@click.command(context_settings=CONTEXT)
@exchanges_option
@symbols_option
@click.option(
    "--depth",
    type=int,
    default=DEPTH,
    show_default=True,
    help="Levels a side to ask for, or as many as the exchange gives.",
)
@output_options
def command(
    exchanges: str | None,
    symbols: str,
    depth: int,
    *,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Value resting within 1, 2.5, 5, 10, 20, 50 and 100 basis points of mid now.

    A value marked ≥ is a floor: the book that the exchange gave ends before the distance.
    """
    outcomes, simulated = ask(
        settings_with({}),
        names_of(exchanges, "exchanges"),
        required_names(symbols, "symbols"),
        partial(_liquidity, depth),
    )
    show = partial(answer, as_json=as_json, as_csv=as_csv, output=output)
    return show(outcomes, simulated, COLUMNS, LIQUIDITY.units)


async def _liquidity(depth: int, client: ExchangeClient, symbol: str) -> list[Record]:
    stats = calculate_liquidity_depth(await client.get_orderbook(symbol, depth))
    return [{**plain(stats), "floors": sorted(floors(stats))}]
