"""``funding``: what funding pays now, in comparable terms, and which pair of venues pays most."""

from collections.abc import Sequence
from decimal import Decimal

import click

from perps_stats.aggregator import best_pair
from perps_stats.cli.asking import Across, Inquiry, ask
from perps_stats.cli.comparable import FUNDING, UNITS, by_base, number, terms
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Record, Screen, plain
from perps_stats.core.catalogue import FUNDING_RATES
from perps_stats.core.figures import FundingPair, FundingTerms
from perps_stats.core.types import FundingKind, FundingRate
from perps_stats.feed.client import ExchangeClient

COLUMNS = (
    "exchange",
    "symbol",
    "funding_rate",
    "funding_interval",
    *FUNDING,
    "next_funding_time",
)
FIELDS = (*FundingRate.__struct_fields__, *FUNDING)
ALL_UNITS = {**FUNDING_RATES.units, **{name: UNITS[name] for name in FUNDING}}
PERCENT = Decimal(100)


@click.command(context_settings=CONTEXT)
@asking_options(symbols="optional")
def command(asking: Asking) -> int:
    """Funding now: the rate of each exchange's interval, and per hour, 8 hours and year.

    A positive rate is what longs pay to shorts. A year is 8,760 hours without compounding. Below
    the table, and in meta.pairs of JSON, stands the best pair of each symbol: long where funding is
    lowest and short where it is highest, before any cost.
    """
    inquiry = Inquiry(
        fields=FIELDS,
        screen=Screen(COLUMNS, ALL_UNITS, rounded=frozenset(FUNDING)),
        units=ALL_UNITS,
        one=_funding,
        every=_all_funding,
        across=best_pairs,
    )
    return ask(inquiry, asking)


async def _funding(client: ExchangeClient, symbol: str) -> list[Record]:
    return [_record(await client.get_funding_rate(symbol))]


async def _all_funding(client: ExchangeClient) -> list[Record]:
    """Of every market that tells one, in as few requests as the exchange allows."""
    return [
        _record(
            FundingRate(
                exchange=stats.exchange,
                symbol=stats.symbol,
                funding_rate=stats.funding_rate,
                funding_interval=stats.funding_interval,
                next_funding_time=stats.next_funding_time,
                kind=FundingKind.PREDICTED,
                timestamp=stats.timestamp,
            )
        )
        for stats in await client.get_all_market_stats()
        if stats.funding_rate is not None
    ]


def _record(rate: FundingRate) -> Record:
    found = terms(rate.exchange, rate.symbol, rate.funding_rate, rate.funding_interval)
    return {**plain(rate), **found}


def best_pairs(records: Sequence[Record]) -> Across:
    """One for each symbol that several exchanges have, the best first."""
    pairs = [
        pair
        for base, group in by_base(records).items()
        if (pair := best_pair(base, [_terms(record) for record in group]))
    ]
    pairs.sort(key=lambda pair: pair.earned_apr or 0, reverse=True)
    return Across([_line(pair) for pair in pairs], {"pairs": [plain(pair) for pair in pairs]})


def _terms(record: Record) -> FundingTerms:
    named = {name: number(record[name]) for name in FUNDING}
    return FundingTerms(exchange=str(record["exchange"]), symbol=str(record["symbol"]), **named)


def _line(pair: FundingPair) -> str:
    return (
        f"{pair.base}: long {pair.long_exchange} ({_percent(pair.long_apr)} a year), "
        f"short {pair.short_exchange} ({_percent(pair.short_apr)}): earns "
        f"{_percent(pair.earned_8h)} per 8 h, {_percent(pair.earned_apr)} a year, before costs"
    )


def _percent(fraction: Decimal | None) -> str:
    return "unknown" if fraction is None else f"{fraction * PERCENT:.4f} %"
