"""What makes venues comparable: the spread of the best prices, and shares of a total."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from perps_stats.aggregator.exact import ratio, to_bps
from perps_stats.aggregator.liquidity import BANDS
from perps_stats.core.comparisons import Share
from perps_stats.core.types import Market

VOLUME, TURNOVER, OPEN_INTEREST = "volume_24h", "turnover_24h", "open_interest"
MEASURES = (VOLUME, TURNOVER, OPEN_INTEREST, *(f"depth_{band}" for band in BANDS))
"""What is shared."""
DOLLAR = "USD"
PEGGED = frozenset({"USDC", "USDT"})
"""Coins that are a dollar wherever amounts are compared; prices in them never are."""


class Holding(Struct, frozen=True, kw_only=True):
    """What a market has of a measure, in ``unit``; ``missing`` says why it is not known."""

    market: Market
    amount: Decimal | None
    unit: str
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
    """Of markets of one coin; what is counted in another unit is shared apart."""
    by_unit: dict[str, list[Holding]] = {}
    for each in held:
        by_unit.setdefault(each.unit, []).append(each)
    return [row for alike in by_unit.values() for row in _shared(measure, alike)]


def _shared(measure: str, held: Sequence[Holding]) -> Iterator[Share]:
    absent = [_name(each.market) for each in held if each.amount is None]
    floors = [_name(each.market) for each in held if each.at_least]
    for each, part in zip(held, shares([each.amount for each in held]), strict=True):
        yield Share(
            base=each.market.base,
            measure=measure,
            exchange=each.market.exchange,
            symbol=each.market.symbol,
            quote=each.market.quote,
            amount=each.amount,
            unit=each.unit,
            share_pct=part,
            at_least=each.at_least,
            complete=not absent and not floors,
            absent=absent,
            floors=floors,
            timestamp=each.timestamp,
            missing=list(each.missing),
        )


def _name(market: Market) -> str:
    return f"{market.exchange}:{market.symbol}"
