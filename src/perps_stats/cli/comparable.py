"""Figures that compare between exchanges, beside those that an exchange tells."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import structs

from perps_stats.aggregator import funding_terms, shares, spread_bps
from perps_stats.aggregator.comparing import currency_of
from perps_stats.cli.output import Record, Value, plain, plain_value
from perps_stats.core.catalogue import units_of
from perps_stats.core.figures import FundingTerms
from perps_stats.core.symbols import base_of
from perps_stats.core.types import Market, MarketStats, Ticker

FUNDING = ("funding_per_hour", "funding_8h", "funding_apr")
PRICED_AT = "open_value_at"
MULTIPLIER = {"multiplier": "1"}
"""Shown where a market counts a coin by the thousand: divide its prices by it to compare."""
UNITS = {
    **units_of(FundingTerms),
    "multiplier": "1",
    "spread_bps": "bps",
    "turnover_share": "fraction",
    "open_value_share": "fraction",
}


def quoted(prices: Ticker | MarketStats, market: Market) -> Record:
    """With the spread of the best prices, what they are in, and the coins that one is for."""
    spread = spread_bps(prices.best_bid_price, prices.best_ask_price)
    return {
        **plain(prices),
        "quote": market.quote,
        "multiplier": plain_value(market.multiplier),
        "spread_bps": plain_value(spread),
    }


def compared(stats: MarketStats, market: Market) -> Record:
    """A market's statistics, with funding in comparable terms and the open value where it can be
    told: at the exchange's own or the mark price, else at the last price; ``open_value_at`` says.
    """
    value, at = stats.open_value, "mark_price" if stats.open_value is not None else None
    if value is None and stats.open_interest is not None and stats.last_price is not None:
        value, at = stats.open_interest * stats.last_price, "last_price"
    return {
        **quoted(stats, market),
        **terms(stats.exchange, stats.symbol, stats.funding_rate, stats.funding_interval),
        "open_value": plain_value(value),
        PRICED_AT: at,
    }


def terms(
    exchange: str, symbol: str, rate: Decimal | None, interval: Decimal | None
) -> dict[str, Value]:
    found = funding_terms(exchange, symbol, rate, interval)
    return {name: plain_value(structs.asdict(found)[name]) for name in FUNDING}


def by_base(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Records of one coin, whatever its contracts are called."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(base_of(str(record["symbol"])), []).append(record)
    return groups


def share(
    records: Iterable[Record],
    into: str,
    amounts: Callable[[Sequence[Record]], Sequence[Decimal | None]],
) -> None:
    """What part of a coin's total each record holds, of those whose amount is known. Dollars and
    coins pegged to them count as one; in another currency it is shared apart.
    """
    totals: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        currency = currency_of(str(record["quote"]))
        totals.setdefault((base_of(str(record["symbol"])), currency), []).append(record)
    for group in totals.values():
        for record, part in zip(group, shares(amounts(group)), strict=True):
            record[into] = plain_value(part)


def number(value: Value) -> Decimal | None:
    return None if value is None else Decimal(str(value))
