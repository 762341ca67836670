"""``slippage``: what taking an amount from the book at once costs now."""

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Literal

import click
from msgspec import Struct

from perps_stats.aggregator import calculate_slippages, floors
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
from perps_stats.core.catalogue import SLIPPAGE
from perps_stats.core.errors import BadInput, NotOffered
from perps_stats.core.types import Side
from perps_stats.feed.client import ExchangeClient

DEPTH = 1000
COLUMNS = (
    "exchange",
    "symbol",
    "side",
    "trade_amount",
    "reference_price",
    "avg_price",
    "slippage_bps",
    "fillable",
    "max_amount",
    "fee",
)


class Terms(Struct, frozen=True):
    amounts: list[Decimal]
    sides: tuple[Side, ...]
    reference: str
    fee: str | None


@click.command(context_settings=CONTEXT)
@exchanges_option
@symbols_option
@click.option("--size", required=True, help="Amounts in quote coin, separated by commas: 100000.")
@click.option("--side", type=click.Choice(["buy", "sell", "both"]), default="both")
@click.option("--reference", type=click.Choice(["mid", "mark"]), default="mid", show_default=True)
@click.option("--fee", help="Add the fee: a fraction such as 0.0005, or taker or maker.")
@output_options
def command(
    *,
    exchanges: str | None,
    symbols: str,
    size: str,
    side: Literal["buy", "sell", "both"],
    reference: Literal["mid", "mark"],
    fee: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """What taking an amount from the book at once costs now, against mid or the mark price.

    An amount that the received book cannot fill has no price; max_amount is what it can fill.
    """
    sides = (Side.BUY, Side.SELL) if side == "both" else (Side(side),)
    amounts = [number(text, "size") for text in required_names(size, "size")]
    if fee not in {None, "taker", "maker"}:
        number(str(fee), "fee")
    outcomes, simulated = ask(
        settings_with({}),
        names_of(exchanges, "exchanges"),
        required_names(symbols, "symbols"),
        partial(_slippage, Terms(amounts, sides, reference, fee)),
    )
    show = partial(answer, as_json=as_json, as_csv=as_csv, output=output)
    return show(outcomes, simulated, COLUMNS, SLIPPAGE.units)


def number(text: str, field: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadInput(field, text, "use a number such as 100000 or 0.0005") from None


async def _slippage(terms: Terms, client: ExchangeClient, symbol: str) -> list[Record]:
    mark = None
    if terms.reference == "mark":
        mark = (await client.get_ticker(symbol)).mark_price
        if mark is None:
            raise NotOffered(f"a mark price for {symbol}")
    rows = calculate_slippages(
        await client.get_orderbook(symbol, DEPTH),
        terms.amounts,
        terms.sides,
        mark_price=mark,
        fee=await _fee(terms.fee, client, symbol),
    )
    return [{**plain(row), "floors": sorted(floors(row))} for row in rows]


async def _fee(fee: str | None, client: ExchangeClient, symbol: str) -> Decimal | None:
    if fee not in {"taker", "maker"}:
        return None if fee is None else number(fee, "fee")
    market = await client.get_market(symbol)
    known = market.taker_fee if fee == "taker" else market.maker_fee
    if known is None:
        raise NotOffered(f"its {fee} fee for {symbol}: give it as a fraction, such as --fee 0.0005")
    return known
