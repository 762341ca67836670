"""Slippage: what taking an amount from a book at once costs against a reference price.

The asks are walked for a buy, the bids for a sell; ``avg`` is value over quantity. A buy costs
``(avg - reference) / reference``, a sell ``(reference - avg) / reference``: computed from the exact
quotient and rounded once, half-even, to 8 decimals of a basis point (``avg_price``: 18 digits).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from perps_stats.aggregator.digest import Digest
from perps_stats.aggregator.exact import (
    ASKS,
    BIDS,
    INFINITY,
    ZERO,
    Deeper,
    Unusable,
    exact,
    mid_price,
    ratio,
    shallowest,
    to_bps,
)
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Slippage
from perps_stats.core.types import Orderbook, OrderbookLevel, Side

STANDARD_AMOUNTS: tuple[Decimal, ...] = tuple(
    Decimal(amount) for amount in (1_000, 10_000, 50_000, 100_000, 500_000, 5_000_000, 10_000_000)
)
"""In quote."""
BOTH_SIDES = (Side.BUY, Side.SELL)


@dataclass(frozen=True, slots=True)
class Taken:
    """The average price of an amount, as an exact quotient."""

    numerator: Decimal
    denominator: Decimal


def calculate_slippage(
    book: Orderbook,
    amount: Decimal,
    side: Side,
    *,
    mark_price: Decimal | None = None,
    fee: Decimal | None = None,
) -> Slippage:
    """``amount`` is in quote, ``fee`` a fraction of it. The reference is mid unless mark is given.

    Raises ``BadInput`` for an amount that is not positive and for a fee that is no fraction.
    """
    return calculate_slippages(book, (amount,), (side,), mark_price=mark_price, fee=fee)[0]


def calculate_slippages(
    book: Orderbook,
    amounts: Sequence[Decimal] = STANDARD_AMOUNTS,
    sides: Sequence[Side] = BOTH_SIDES,
    *,
    mark_price: Decimal | None = None,
    fee: Decimal | None = None,
    digest: Digest | None = None,
) -> list[Slippage]:
    """Each side with each amount, as ``calculate_slippage``; one pass over a side serves them all.

    A pass ends where the largest amount is filled. With the ``digest`` of a book, in which the same
    amounts are spent already, its levels are not looked at.
    """
    for amount in amounts:
        _check_amount(amount)
    if fee is not None:
        check_fee(fee)
    kind = "mid" if mark_price is None else "mark"
    blanks = [_blank(book, amount, side, kind) for side in sides for amount in amounts]
    try:
        with exact():
            if digest is None:
                mid = mid_price(book)
                walks = {
                    side: _walk(book, amounts, side)
                    for side in dict.fromkeys(row.side for row in blanks)
                }
            else:
                mid, walks = digest.mid, _walked(digest, sorted(set(amounts)))
            reference = mid if mark_price is None else _mark(mark_price)
            rows = [replace(row, reference_price=reference) for row in blanks]
            return [
                _filled(row, taken, reference, fee)
                if (taken := walks[row.side].taken.get(row.trade_amount))
                else _unfilled(row, book, walks[row.side].value)
                for row in rows
            ]
    except ArithmeticError:
        return blanks


def _check_amount(amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0:
        raise BadInput("amount", str(amount), "use a positive number of quote coins, such as 10000")


def check_fee(fee: Decimal) -> None:
    if not fee.is_finite() or not -1 < fee < 1:
        raise BadInput("fee", str(fee), "use a fraction of the amount, such as 0.0005")


def _blank(book: Orderbook, amount: Decimal, side: Side, reference: str) -> Slippage:
    return Slippage(
        exchange=book.exchange,
        symbol=book.symbol,
        side=side,
        trade_amount=amount,
        reference=reference,
        timestamp=book.timestamp,
        recv_ts=book.recv_ts,
    )


def _mark(mark_price: Decimal) -> Decimal:
    if not ZERO < mark_price < INFINITY:
        raise Unusable
    return mark_price


@dataclass(frozen=True, slots=True)
class Walk:
    """What a side filled, and the value of all that was walked."""

    taken: dict[Decimal, Taken]
    value: Decimal


def _walk(book: Orderbook, amounts: Sequence[Decimal], side: Side) -> Walk:
    levels, deeper = (book.asks, ASKS) if side is Side.BUY else (book.bids, BIDS)
    return take(levels, sorted(set(amounts)), deeper)


def _walked(digest: Digest, amounts: Sequence[Decimal]) -> dict[Side, Walk]:
    walks: dict[Side, Walk] = {}
    for side, (filled, value) in (
        (Side.BUY, digest.asks_spent),
        (Side.SELL, digest.bids_spent),
    ):
        taken: dict[Decimal, Taken] = {}
        for amount, (last, spent, bought) in zip(amounts, filled, strict=False):
            price = digest.price(last)
            rest = amount - digest.value(spent)
            taken[amount] = Taken(amount * price, digest.quantity(bought) * price + rest)
        walks[side] = Walk(taken, digest.value(value))
    return walks


def take(levels: Sequence[OrderbookLevel], amounts: Sequence[Decimal], deeper: Deeper) -> Walk:
    """``amounts`` smallest first. Raises ``Unusable`` at a level that is out of order."""
    taken: dict[Decimal, Taken] = {}
    spent, bought, previous = ZERO, ZERO, shallowest(deeper)
    for level in levels:
        price, quantity = level.price, level.quantity
        if not deeper(price, previous) or not ZERO < quantity < INFINITY:
            raise Unusable
        previous = price
        after = spent + price * quantity
        while after >= (amount := amounts[len(taken)]):
            # amount / (bought + rest / price), without the inner division
            taken[amount] = Taken(amount * price, bought * price + (amount - spent))
            if len(taken) == len(amounts):
                return Walk(taken, after)
        spent, bought = after, bought + quantity
    return Walk(taken, spent)


def _filled(row: Slippage, taken: Taken, reference: Decimal, fee: Decimal | None) -> Slippage:
    at_reference = reference * taken.denominator
    excess = taken.numerator - at_reference
    bps = to_bps(excess if row.side is Side.BUY else -excess, at_reference)
    return replace(
        row,
        avg_price=ratio(taken.numerator, taken.denominator),
        slippage_bps=bps,
        slippage_pct=bps.scaleb(-4),
        fillable=True,
        fee=None if fee is None else row.trade_amount * fee,
    )


def _unfilled(row: Slippage, book: Orderbook, value: Decimal) -> Slippage:
    """Deeper levels may fill it where the book is not complete: then nobody knows."""
    return replace(row, fillable=False if book.complete else None, max_amount=value)
