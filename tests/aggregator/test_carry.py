"""What a pair of venues leaves of its funding: by the formula; unknown where a cost is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.aggregator.carry import Name, RoundTrip, net_pairs, round_trip
from perps_stats.aggregator.cost import compare_costs
from perps_stats.aggregator.funding import funding_terms
from perps_stats.core.comparisons import FundingCell, NetPair
from perps_stats.core.types import FundingKind, Side

from .comparables import NOON, figures, offer

SIZE, DAY = Decimal(100_000), Decimal(24)
FREE = RoundTrip(Decimal(0), Decimal(0), NOON, [])


def cell(exchange: str, rate: str | None, quote: str = "USDT") -> FundingCell:
    terms = funding_terms(exchange, "BTC", None if rate is None else Decimal(rate), Decimal(1))
    return FundingCell(
        base="BTC",
        exchange=exchange,
        symbol="BTC",
        quote=quote,
        kind=FundingKind.PREDICTED,
        funding_rate=terms.funding_per_hour,
        funding_interval=Decimal(1),
        funding_per_hour=terms.funding_per_hour,
        funding_8h=terms.funding_8h,
        funding_apr=terms.funding_apr,
        next_funding_time=None,
        timestamp=NOON,
        missing=[],
    )


def pairs(cells: Sequence[FundingCell], trips: Mapping[str, RoundTrip]) -> list[NetPair]:
    named: dict[Name, RoundTrip] = {(name, "BTC"): trip for name, trip in trips.items()}
    return net_pairs(cells, named, SIZE, DAY)


def trip(fees: int | None, book: int | None) -> RoundTrip:
    known = [None if each is None else Decimal(each) for each in (fees, book)]
    return RoundTrip(known[0], known[1], NOON, [] if fees is not None else ["no fee"])


def test_what_is_left_after_costs() -> None:
    """Long b at -1 bps an hour, short a at 2: 3 earned an hour, 72 a day. Four trades cost 10 of
    fees and 5 of books: 15 of 100,000 are 150, paid back in five hours, 57 left after a day.
    """
    (found,) = pairs(
        [cell("a", "0.0002"), cell("b", "-0.0001")], {"a": trip(10, 2), "b": trip(0, 3)}
    )
    assert figures(found.long_exchange, found.short_exchange, found.rank) == ("b", "a", 1)
    assert found.earned_per_hour == Decimal("0.0003")
    assert figures(found.fees_bps, found.slippage_bps, found.cost_bps, found.cost) == (
        10,
        5,
        15,
        150,
    )
    assert figures(found.break_even_hours, found.hold_hours, found.net_bps) == (5, 24, 57)
    assert figures(found.size, found.timestamp, found.missing) == (SIZE, NOON, [])


def test_without_a_cost_nothing_is_net() -> None:
    """It says why, and comes after those that are known, whatever it earns."""
    found = pairs(
        [cell("a", "0.01"), cell("b", "0"), cell("c", "0.0001")],
        {"a": trip(None, 2), "b": trip(1, 1), "c": trip(1, 1)},
    )
    assert [(each.short_exchange, each.long_exchange) for each in found] == [
        ("c", "b"),
        ("a", "b"),
        ("a", "c"),
    ]
    assert figures(found[1].cost_bps, found[1].net_bps, found[1].break_even_hours) == (
        None,
        None,
        None,
    )
    assert figures(found[1].slippage_bps, found[1].missing) == (3, ["no fee"])


def test_what_pays_nothing_never_breaks_even() -> None:
    """Funding is the same: the cost is all that is left."""
    (found,) = pairs([cell("a", "0.0001"), cell("b", "0.0001")], {"a": trip(1, 1), "b": trip(1, 1)})
    assert figures(found.earned_per_hour, found.break_even_hours, found.net_bps) == (0, None, -4)


def test_who_is_in_no_pair_is_named() -> None:
    """A venue whose funding is unknown; one that is paid in another currency has no partner."""
    cells = [cell("a", "0.0001"), cell("b", "0"), cell("c", None), cell("d", "0.1", "EUR")]
    found = pairs(cells, dict.fromkeys("abcd", FREE))
    assert [(each.long_exchange, each.short_exchange) for each in found] == [("b", "a")]
    assert found[0].absent == ["c:BTC"]


@given(st.lists(st.decimals(-1, 1, places=6), min_size=2, max_size=5))
def test_every_two_venues_once_and_in_order(rates: list[Decimal]) -> None:
    """Of five venues ten pairs; none earns below zero, the best first."""
    cells = [cell(name, str(rate)) for name, rate in zip("abcde", rates, strict=False)]
    found = pairs(cells, dict.fromkeys("abcde", FREE))
    net = [each.net_bps or Decimal(0) for each in found]
    assert len(found) == len(rates) * (len(rates) - 1) // 2
    assert net == sorted(net, reverse=True)
    assert min(net) >= 0
    assert [each.rank for each in found] == [*range(1, len(found) + 1)]


def test_a_round_trip_is_a_purchase_and_a_sale() -> None:
    """Both fees, both walks; what is missing of either is named with its market, once."""
    offers = [offer("a", [("99", "10")], [("101", "10")], "0.0005")]
    both = [compare_costs(offers, Decimal(100), side)[0] for side in (Side.BUY, Side.SELL)]
    found = round_trip(both)
    assert found.fees == 10
    assert found.book == Decimal("99.00990099") + Decimal("101.01010101")
    unknown = [offer("a", [("99", "10")], [("101", "10")], None)]
    both = [compare_costs(unknown, Decimal(100), side)[0] for side in (Side.BUY, Side.SELL)]
    assert round_trip(both).fees is None
    assert round_trip(both).missing == [
        "a:BTC: a does not tell its taker fee: set exchanges.a.taker_fee"
    ]
