"""Funding made comparable: the same rate per hour, per 8 hours and per year; who pays whom most.

Simple interest: a year is 8,760 hours. Intervals differ between exchanges and change, so that a
rate without its interval is not compared.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations

from perps_stats.aggregator.exact import ratio
from perps_stats.core.figures import FundingPair, FundingTerms

EIGHT_HOURS, YEAR = Decimal(8), Decimal(8760)


def funding_over(hours: Decimal, rate: Decimal | None, interval: Decimal | None) -> Decimal | None:
    """What ``rate`` per ``interval`` hours comes to over ``hours``."""
    if rate is None or interval is None or interval <= 0:
        return None
    return ratio(rate * hours, interval)


def funding_terms(
    exchange: str, symbol: str, rate: Decimal | None, interval: Decimal | None
) -> FundingTerms:
    return FundingTerms(
        exchange=exchange,
        symbol=symbol,
        funding_per_hour=funding_over(Decimal(1), rate, interval),
        funding_8h=funding_over(EIGHT_HOURS, rate, interval),
        funding_apr=funding_over(YEAR, rate, interval),
    )


def best_pair(base: str, terms: Iterable[FundingTerms]) -> FundingPair | None:
    """The pair that earns most, before any cost. ``None`` of fewer than two venues."""
    return max(funding_pairs(base, terms), key=lambda pair: pair.earned_per_hour or 0, default=None)


def funding_pairs(base: str, terms: Iterable[FundingTerms]) -> list[FundingPair]:
    """Of each two venues: long where funding is lower, short where it is higher.

    Longs pay shorts where the rate is positive: the pair earns the difference.
    """
    known = [each for each in terms if each.funding_per_hour is not None]
    return [
        _pair(base, *sorted(two, key=_per_hour))
        for two in combinations(known, 2)
        if two[0].exchange != two[1].exchange
    ]


def _pair(base: str, low: FundingTerms, high: FundingTerms) -> FundingPair:
    return FundingPair(
        base=base,
        long_exchange=low.exchange,
        long_symbol=low.symbol,
        short_exchange=high.exchange,
        short_symbol=high.symbol,
        long_apr=low.funding_apr,
        short_apr=high.funding_apr,
        earned_per_hour=_difference(high.funding_per_hour, low.funding_per_hour),
        earned_8h=_difference(high.funding_8h, low.funding_8h),
        earned_apr=_difference(high.funding_apr, low.funding_apr),
    )


def _per_hour(terms: FundingTerms) -> Decimal:
    return terms.funding_per_hour or Decimal(0)


def _difference(high: Decimal | None, low: Decimal | None) -> Decimal | None:
    return None if high is None or low is None else high - low
