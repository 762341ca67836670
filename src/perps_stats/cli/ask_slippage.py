"""``slippage``: what taking an amount from the book at once costs now."""

import asyncio
from decimal import Decimal, InvalidOperation
from functools import partial

import click
from msgspec import Struct

from perps_stats.aggregator import BOTH_SIDES, calculate_slippages, check_fee, floors
from perps_stats.cli.asking import Inquiry, ask
from perps_stats.cli.books import usable_book
from perps_stats.cli.options import CONTEXT, Asking, asking_options, names_of
from perps_stats.cli.output import Record, Screen, plain, plain_value
from perps_stats.core.amounts import parse_amount
from perps_stats.core.catalogue import SLIPPAGE
from perps_stats.core.errors import BadInput, NotOffered
from perps_stats.core.figures import Slippage
from perps_stats.core.types import Side
from perps_stats.feed.client import ExchangeClient

TAKER = "taker"
COLUMNS = (
    "exchange",
    "symbol",
    "side",
    "trade_amount",
    "reference",
    "reference_price",
    "avg_price",
    "slippage_bps",
    "cost",
    "fillable",
    "max_amount",
    "fee",
)


UNITS = {**SLIPPAGE.units, "cost": "quote"}


class Terms(Struct, frozen=True):
    """``fee`` is a fraction that was given, ``own_fee`` asks for what the exchange takes."""

    amounts: list[Decimal]
    sides: tuple[Side, ...]
    mark: bool
    own_fee: bool
    fee: Decimal | None


@click.command(context_settings=CONTEXT)
@asking_options(symbols="required")
@click.option(
    "--size",
    metavar="AMOUNTS",
    required=True,
    help="Amounts in quote coin, separated by commas: 100000 or 10k,500k.",
)
@click.option(
    "--side",
    type=click.Choice(["buy", "sell", "both"]),
    default="both",
    show_default=True,
    help="Whether to take asks, bids, or each in turn.",
)
@click.option(
    "--reference",
    type=click.Choice(["mid", "mark"]),
    default="mid",
    show_default=True,
    help="The price that the cost is measured against.",
)
@click.option(
    "--fee",
    metavar="FEE",
    help="Show the fee, too: taker for the exchange's own, or a fraction such as 0.0005.",
)
def command(asking: Asking, *, size: str, side: str, reference: str, fee: str | None) -> int:
    """What taking an amount from the book at once costs now, against mid or the mark price.

    An amount that the received book cannot fill has no price; max_amount is the most that it can.
    The cost is the slippage in quote coin. The fee is shown apart and is never part of either.
    """
    terms = Terms(
        amounts=[parse_amount(text) for text in names_of(size, "size")],
        sides=BOTH_SIDES if side == "both" else (Side(side),),
        mark=reference == "mark",
        own_fee=fee == TAKER,
        fee=None if fee in {None, TAKER} else fraction(str(fee)),
    )
    inquiry = Inquiry(
        fields=(*Slippage.__struct_fields__, "cost", "floors"),
        screen=Screen(COLUMNS, UNITS),
        units=UNITS,
        one=partial(_slippage, terms),
    )
    return ask(inquiry, asking)


def fraction(text: str) -> Decimal:
    """A fee that a user gives. Raises ``BadInput``."""
    try:
        fee = Decimal(text)
    except InvalidOperation:
        raise BadInput("fee", text, "use taker, or a fraction such as 0.0005") from None
    check_fee(fee)
    return fee


async def _slippage(terms: Terms, client: ExchangeClient, symbol: str) -> list[Record]:
    book, mark, fee = await asyncio.gather(
        usable_book(client, symbol, None),
        _mark_price(terms, client, symbol),
        _fee(terms, client, symbol),
    )
    rows = calculate_slippages(book, terms.amounts, terms.sides, mark_price=mark, fee=fee)
    return [
        {**plain(row), "cost": plain_value(_cost(row)), "floors": sorted(floors(row))}
        for row in rows
    ]


def _cost(row: Slippage) -> Decimal | None:
    return None if row.slippage_pct is None else row.slippage_pct * row.trade_amount


async def _mark_price(terms: Terms, client: ExchangeClient, symbol: str) -> Decimal | None:
    if not terms.mark:
        return None
    mark = (await client.get_ticker(symbol)).mark_price
    if mark is None:
        raise _unknown(client, f"a mark price for {symbol}")
    return mark


async def _fee(terms: Terms, client: ExchangeClient, symbol: str) -> Decimal | None:
    if not terms.own_fee:
        return terms.fee
    fee = (await client.get_market(symbol)).taker_fee
    if fee is None:
        raise _unknown(client, f"its taker fee for {symbol}: give a fraction, such as 0.0005")
    return fee


def _unknown(client: ExchangeClient, what: str) -> NotOffered:
    error = NotOffered(what)
    error.exchange = client.get_name()
    return error
