"""``cost``: what taking an amount costs in all now, venue by venue, and split over them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import click
from msgspec import Struct

from perps_stats.aggregator import BOTH_SIDES
from perps_stats.aggregator.cost import Offer, TakerFee, compare_costs, taker_fee
from perps_stats.cli.ask_slippage import fraction
from perps_stats.cli.asking import Across, Inquiry, ask
from perps_stats.cli.books import usable_book
from perps_stats.cli.options import CONTEXT, Asking, asking_options, names_of, settings_with
from perps_stats.cli.output import Record, Screen, plain
from perps_stats.core.amounts import parse_amount
from perps_stats.core.catalogue import units_of
from perps_stats.core.comparisons import ExecutionCost
from perps_stats.core.types import Side
from perps_stats.feed.client import ExchangeClient
from perps_stats.settings.fees import taker_fees

FIELDS = ExecutionCost.__struct_fields__
COLUMNS = (
    "exchange",
    "symbol",
    "side",
    "size",
    "half_spread_bps",
    "impact_bps",
    "fee_bps",
    "total_bps",
    "shortfall",
    "rank",
    "split_amount",
    "max_amount",
)
UNITS = units_of(ExecutionCost)
ROUNDED = frozenset({"half_spread_bps", "impact_bps", "fee_bps", "total_bps"})


@click.command(context_settings=CONTEXT)
@asking_options(symbols="required")
@click.option(
    "--size",
    metavar="AMOUNTS",
    required=True,
    help="Amounts in quote coin, separated by commas: 250k or 10000,1.5m.",
)
@click.option(
    "--side",
    type=click.Choice(["buy", "sell", "both"]),
    default="both",
    show_default=True,
    help="Whether to take asks, bids, or each in turn.",
)
@click.option(
    "--fee",
    metavar="FEE",
    help="A taker fee for all, such as 0.0005.  [default: exchanges.NAME.taker_fee, or its own]",
)
def command(asking: Asking, *, size: str, side: str, fee: str | None) -> int:
    """What taking an amount costs now: half the spread, impact and taker fee, in bps of the amount.

    The venues of each coin are ranked, and the amount is split over them where it is cheapest.
    Without a known fee there is no total: it is not taken for zero. Dollars and the coins pegged to
    them count as one.
    """
    question = Question(
        sizes=[parse_amount(text) for text in names_of(size, "size")],
        sides=BOTH_SIDES if side == "both" else (Side(side),),
        fee=None if fee is None else fraction(fee),
        fees=taker_fees(settings_with({})),
    )
    inquiry = Inquiry(
        fields=FIELDS,
        screen=Screen(COLUMNS, UNITS, rounded=ROUNDED),
        units=UNITS,
        one=question.one,
        across=question.across,
    )
    return ask(inquiry, asking)


class Question(Struct, frozen=True):
    """``fee`` is that of all, ``fees`` those of exchanges that the settings name."""

    sizes: Sequence[Decimal]
    sides: Sequence[Side]
    fee: Decimal | None
    fees: Mapping[str, Decimal]
    offers: dict[tuple[str, str], Offer] = {}
    """The newest of each market, by exchange and symbol."""

    async def one(self, client: ExchangeClient, symbol: str) -> list[Record]:
        """What one venue offers: what it comes to is told when all have answered."""
        market = await client.get_market(symbol)
        book = await usable_book(client, symbol, None)
        said = self.fees.get(market.exchange)
        fee = taker_fee(market, said) if self.fee is None else TakerFee(self.fee, "option")
        name = (market.exchange, market.symbol)
        self.offers[name] = Offer(market=market, fee=fee, book=book)
        return [
            {"exchange": name[0], "symbol": name[1], "side": side.value, "size": f"{size:f}"}
            for size in self.sizes
            for side in self.sides
        ]

    def across(self, records: Sequence[Record]) -> Across:
        """Complete the records; tell the best of each coin, size and side."""
        answered = {(str(record["exchange"]), str(record["symbol"])) for record in records}
        coins: dict[str, list[Offer]] = {}
        for name, offer in self.offers.items():
            if name in answered:
                coins.setdefault(offer.market.base, []).append(offer)
        compared = [
            compare_costs(offers, size, side)
            for offers in coins.values()
            for size in self.sizes
            for side in self.sides
        ]
        found = {_key(plain(cost)): cost for costs in compared for cost in costs}
        for record in records:
            cost = found[_key(record)]
            record |= {**plain(cost), "absent": cost.absent, "missing": cost.missing}
        return Across(list(dict.fromkeys(note for costs in compared for note in _notes(costs))))


def _key(record: Record) -> tuple[object, ...]:
    return tuple(record[name] for name in ("exchange", "symbol", "side", "size"))


def _notes(costs: Sequence[ExecutionCost]) -> Iterator[str]:
    best = next((cost for cost in costs if cost.rank == 1), None)
    if best is not None:
        yield f"{_question(best)}: best on {best.exchange}, {best.total_bps:.4f} bps"
    parts = [f"{cost.split_amount:f} on {cost.exchange}" for cost in costs if cost.split_amount]
    if len(parts) > 1:
        yield f"{_question(costs[0])}: split {', '.join(parts)}, {costs[0].split_bps:.4f} bps"
    yield from (f"{cost.exchange}:{cost.symbol}: {why}" for cost in costs for why in cost.missing)


def _question(cost: ExecutionCost) -> str:
    return f"{cost.base} {cost.side.value} {cost.size:f}"
