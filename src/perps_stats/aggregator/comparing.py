"""What makes venues comparable: the spread of the best prices, and shares of a total."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from perps_stats.aggregator.exact import ratio, to_bps
from perps_stats.core.comparisons import Share
from perps_stats.core.types import Market

DOLLAR = "USD"
PEGGED = frozenset({"USDC", "USDT"})
"""Coins that are a dollar wherever amounts are compared; prices in them never are."""


class Holding(Struct, frozen=True, kw_only=True):
    """What a market has of a measure, in single coins; ``missing`` says why it is not known."""

    market: Market
    coins: Decimal | None
    at_least: bool = False
    timestamp: datetime | None
    missing: Sequence[str] = ()


def currency_of(quote: str) -> str:
    """What an amount of ``quote`` counts as: pegged coins are dollars."""
    return DOLLAR if quote in PEGGED else quote


def mid_of(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """``None`` where one of the best prices is missing, or they are crossed."""
    return None if bid is None or ask is None or not 0 < bid <= ask else (bid + ask) / 2


def spread_bps(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """Between the best prices, in basis points of mid. ``None`` where one is missing or crossed."""
    if bid is None or ask is None or not 0 < bid <= ask:
        return None
    return to_bps((ask - bid) * 2, ask + bid)


def shares(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """Each value as a fraction of the sum of those that are known. ``None`` for the others, and
    for all where only one is known, or nothing.
    """
    known = [value for value in values if value is not None]
    total = sum(known, Decimal(0))
    if len(known) < 2 or not total:  # noqa: PLR2004 a share needs another
        return [None] * len(values)
    return [None if value is None else ratio(value, total) for value in values]


def share_rows(measure: str, held: Sequence[Holding]) -> list[Share]:
    """Of markets of one coin, whose amounts are counted in single coins."""
    parts = shares([each.coins for each in held])
    absent = [_name(each.market) for each in held if each.coins is None]
    floors = [_name(each.market) for each in held if each.at_least]
    return [
        Share(
            base=each.market.base,
            measure=measure,
            exchange=each.market.exchange,
            symbol=each.market.symbol,
            quote=each.market.quote,
            coins=each.coins,
            share=part,
            at_least=each.at_least,
            complete=not absent and not floors,
            absent=absent,
            floors=floors,
            timestamp=each.timestamp,
            missing=list(each.missing),
        )
        for each, part in zip(held, parts, strict=True)
    ]


def _name(market: Market) -> str:
    return f"{market.exchange}:{market.symbol}"
