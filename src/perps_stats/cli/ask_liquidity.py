"""``liquidity``: the value resting within a distance from mid now."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

import click

from perps_stats.aggregator import BANDS, calculate_liquidity_depth, floors, spread_bps
from perps_stats.cli.asking import Across, Inquiry, ask
from perps_stats.cli.books import usable_book
from perps_stats.cli.comparable import number, share
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Printed, Record, Screen, plain, plain_value
from perps_stats.core.catalogue import LIQUIDITY
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.feed.client import ExchangeClient

TITLES = {band: band.replace("_", ".").replace("bps", " bps") for band in BANDS}
SHARE, SHARED = "share_10bps", ("bid_10bps", "ask_10bps")
FIELDS = (*LiquidityDepthStats.__struct_fields__, "quote", "spread_bps", SHARE, "floors")
ROUNDED = ("spread_bps", "reach", SHARE)
COLUMNS = (
    *("exchange", "symbol", "quote", "mid_price", "spread_bps", "side"),
    *(*TITLES.values(), "reach", SHARE),
)
SCREEN_UNITS = {
    SHARE: "fraction",
    "spread_bps": "bps",
    "mid_price": "quote/base",
    **dict.fromkeys(TITLES.values(), "quote"),
    "reach": "bps",
}


@click.command(context_settings=CONTEXT)
@asking_options(symbols="required")
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    help="Levels a side to ask for.  [default: as many as the exchange gives]",
)
@click.option("--chart", is_flag=True, help="Bars instead of a table.")
def command(asking: Asking, depth: int | None, *, chart: bool) -> int:
    """Value resting within 1, 2.5, 5, 10, 20, 50 and 100 basis points of mid now, in quote coin.

    A value marked >= (in JSON: named in floors) is a floor: the book that the exchange gave ends
    before the distance, so that it is at least so much. The share is of both sides within 10 bps,
    over the exchanges in the answer, dollars and coins pegged to them as one; there is none where
    one of them is a floor.
    """
    if chart and asking.output.format is not None:
        raise BadInput("chart", "--chart", "leave out --json, --csv and -o: bars are for reading")
    inquiry = Inquiry(
        fields=FIELDS,
        screen=Screen(COLUMNS, SCREEN_UNITS, rows=_sides, rounded=frozenset(ROUNDED)),
        units={**LIQUIDITY.units, "spread_bps": "bps", SHARE: "fraction"},
        one=partial(_liquidity, depth),
        across=_with_shares,
        draw=_drawn if chart else None,
    )
    return ask(inquiry, asking)


def _drawn(printed: Printed) -> None:
    from perps_stats.cli.bars import draw_bars  # noqa: PLC0415 only here rich is needed

    draw_bars(printed, list(TITLES))


async def _liquidity(depth: int | None, client: ExchangeClient, symbol: str) -> list[Record]:
    market = await client.get_market(symbol)
    book = await usable_book(client, symbol, depth)
    stats = calculate_liquidity_depth(book)
    bid, ask = (side[0].price if side else None for side in (book.bids, book.asks))
    return [
        {
            **plain(stats),
            "quote": market.quote,
            "spread_bps": plain_value(spread_bps(bid, ask)),
            "floors": sorted(floors(stats)),
        }
    ]


def _with_shares(records: Sequence[Record]) -> Across:
    share(records, SHARE, _sums)
    return Across()


def _sums(records: Sequence[Record]) -> list[Decimal | None]:
    exact = not any(field in named(record) for record in records for field in SHARED)
    return [_sum(record) if exact else None for record in records]


def _sum(record: Record) -> Decimal | None:
    bid, ask = (number(record[field]) for field in SHARED)
    return None if bid is None or ask is None else bid + ask


def named(record: Record) -> list[str]:
    """The fields of a record that are floors."""
    floored = record["floors"]
    return floored if isinstance(floored, list) else []


def _sides(record: Record) -> Iterator[Record]:
    """A row for each side: seven bands twice are too wide for a terminal."""
    floored = named(record)
    for side in ("bid", "ask"):
        yield {
            "exchange": record["exchange"],
            "symbol": record["symbol"],
            "quote": record["quote"],
            "mid_price": record["mid_price"],
            "spread_bps": record["spread_bps"],
            "side": side,
            **{title: record[f"{side}_{band}"] for band, title in TITLES.items()},
            "reach": record[f"reach_{side}_bps"],
            SHARE: record[SHARE],
            "floors": [title for band, title in TITLES.items() if f"{side}_{band}" in floored],
        }
