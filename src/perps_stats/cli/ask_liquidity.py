"""``liquidity``: the value resting within a distance from mid now."""

from collections.abc import Iterator
from functools import partial

import click

from perps_stats.aggregator import BANDS, calculate_liquidity_depth, floors
from perps_stats.cli.asking import Inquiry, ask
from perps_stats.cli.books import usable_book
from perps_stats.cli.options import CONTEXT, exchanges_option, output_options, symbols_option
from perps_stats.cli.output import Output, Record, Screen, plain
from perps_stats.core.catalogue import LIQUIDITY
from perps_stats.core.types import LiquidityDepthStats
from perps_stats.feed.client import ExchangeClient

TITLES = {band: band.replace("_", ".").replace("bps", " bps") for band in BANDS}
COLUMNS = ("exchange", "symbol", "mid_price", "side", *TITLES.values(), "reach")
SCREEN_UNITS = {
    "mid_price": "quote/base",
    **dict.fromkeys(TITLES.values(), "quote"),
    "reach": "bps",
}


@click.command(context_settings=CONTEXT)
@exchanges_option
@symbols_option
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    help="Levels a side to ask for.  [default: as many as the exchange gives]",
)
@output_options
def command(
    exchanges: str | None,
    symbols: str,
    depth: int | None,
    *,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Value resting within 1, 2.5, 5, 10, 20, 50 and 100 basis points of mid now, in quote coin.

    A value marked >= (in JSON: named in floors) is a floor: the book that the exchange gave ends
    before the distance, so that it is at least so much.
    """
    inquiry = Inquiry(
        fields=(*LiquidityDepthStats.__struct_fields__, "floors"),
        screen=Screen(COLUMNS, SCREEN_UNITS, _sides),
        units=LIQUIDITY.units,
        one=partial(_liquidity, depth),
    )
    return ask(inquiry, exchanges, symbols, Output(as_json, as_csv, output))


async def _liquidity(depth: int | None, client: ExchangeClient, symbol: str) -> list[Record]:
    stats = calculate_liquidity_depth(await usable_book(client, symbol, depth))
    return [{**plain(stats), "floors": sorted(floors(stats))}]


def _sides(record: Record) -> Iterator[Record]:
    """A row for each side: seven bands twice are too wide for a terminal."""
    named = record["floors"]
    floored = named if isinstance(named, list) else []
    for side in ("bid", "ask"):
        yield {
            "exchange": record["exchange"],
            "symbol": record["symbol"],
            "mid_price": record["mid_price"],
            "side": side,
            **{title: record[f"{side}_{band}"] for band, title in TITLES.items()},
            "reach": record[f"reach_{side}_bps"],
            "floors": [title for band, title in TITLES.items() if f"{side}_{band}" in floored],
        }
