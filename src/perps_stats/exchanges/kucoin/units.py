"""What KuCoin counts in, and what we count in: lots and base coin, three units of time.

A contract's ``multiplier`` is the base coin of a lot. Of an inverse contract it is -1: a lot is one
dollar, so many lots over the price are the base coin.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, Underflow
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Raw

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Market
from perps_stats.exchanges.wire import Wire

Lots: TypeAlias = Annotated[int, Meta(ge=0, lt=10**15)]
"""A number, or the text of one."""
Time: TypeAlias = Annotated[int, Meta(gt=0, lt=9 * 10**18)]
"""Nanoseconds, but milliseconds in some examples of the documents."""
FIRST_MICROSECOND, FIRST_NANOSECOND = 10**14, 10**17
"""1973: what is smaller is told in the unit before."""
NO_PRICE = Decimal(0)
TRAPS = [DivisionByZero, InvalidOperation, Overflow, Underflow]
INVERSE = Context(prec=15, Emax=30, Emin=-30, traps=TRAPS)
"""A double holds so many digits; the quotient may have any number."""


class Level(Wire, array_like=True):
    positive = frozenset({"price"})

    price: Decimal
    lots: Lots


def base_of(market: Market, lots: int, price: Decimal = NO_PRICE) -> Decimal:
    """Base coin of so many lots. Inverse contracts need the ``price``."""
    if market.contract_size is not None:
        return lots * market.contract_size
    if market.contract_value is None:
        raise Unreadable(f"nobody knows what a lot of {market.native} is")
    try:
        coins = INVERSE.divide(lots * market.contract_value, price)
    except ArithmeticError as error:
        raise Unreadable(f"{lots} lots of {market.native} at {price}") from error
    return Decimal(format(coins, "f"))


def base_text(market: Market, lots: int, price: Decimal) -> str:
    return format(base_of(market, lots, price), "f")


def raw_levels(market: Market, levels: Iterable[Level]) -> Raw:
    """As the book wants them."""
    pairs = [
        (format(level.price, "f"), base_text(market, level.lots, level.price)) for level in levels
    ]
    return Raw(msgspec.json.encode(pairs))


def us_of(time: int) -> int:
    """Microseconds."""
    if time >= FIRST_NANOSECOND:
        return time // 1000
    return time if time >= FIRST_MICROSECOND else time * 1000


def day_of(
    market: Market, volume: Decimal | None, turnover: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """Base and quote coin of 24 hours.

    Of inverse contracts the exchange tells its volume in lots, its turnover in the base coin:
    XBTUSDM at 29486 had a volume of 14215097 and a turnover of 480.86.
    """
    if market.contract_value is None:
        return volume, turnover
    return turnover, None if volume is None else volume * market.contract_value
