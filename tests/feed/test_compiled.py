"""The compiled book equals the plain one, and its ladder the formula, whatever the updates."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, structs

from perps_stats.aggregator.digest import Digest
from perps_stats.aggregator.liquidity import TENTHS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import calculate_slippages
from perps_stats.core.times import from_us
from perps_stats.core.types import Orderbook
from perps_stats.feed.sides import COMPILED, PlainSides, Sides, TooLong

if not COMPILED:
    pytest.skip("built without a compiler", allow_module_level=True)

from perps_stats.feed.compiled import CompiledSides

Pairs = list[tuple[str, str]]
prices = st.integers(9_000, 11_000).map(lambda ticks: f"{ticks / 100:.2f}")
quantities = st.integers(0, 3_000).map(lambda lots: f"{lots / 1000:.3f}")
levels = st.lists(st.tuples(prices, quantities), max_size=12)
full = st.lists(
    st.tuples(prices, quantities), min_size=5, max_size=5, unique_by=lambda pair: pair[0]
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("update"), levels, levels),
        st.tuples(st.just("replace"), full, full),
        st.tuples(st.just("deepen"), full, full),
    ),
    max_size=12,
)


def raw(pairs: Pairs) -> Raw:
    return Raw(msgspec.json.encode(pairs))


def take(sides: Sides, kind: str, bids: Pairs, asks: Pairs) -> None:
    present = [[pair for pair in side if float(pair[1])] for side in (bids, asks)]
    match kind:
        case "update":
            sides.update(raw(bids), raw(asks))
        case "replace" if all(present):
            sides.replace(raw(present[0]), raw(present[1]), min(map(len, present)))
        case "deepen" if all(present):
            sides.deepen(raw(present[0]), raw(present[1]), min(map(len, present)))
        case _:
            return


@given(steps)
def test_the_twins_agree(changes: list[tuple[str, Pairs, Pairs]]) -> None:
    """Whatever comes, both hold the same levels and know them as far."""
    plain, compiled = PlainSides(2, 3), CompiledSides(2, 3)
    for change in changes:
        take(plain, *change)
        take(compiled, *change)
        assert compiled.received(100) == plain.received(100)
        assert compiled.received(2) == plain.received(2)
        assert compiled.known(1.0) == plain.known(1.0)
        assert compiled.is_whole() == plain.is_whole()
        assert compiled.known_share() == pytest.approx(plain.known_share())


AMOUNTS = (1, 50, 200, 1_000, 100_000)


@given(full, full, st.sampled_from([None, 4]), levels, st.sampled_from([0.01, 0.05, 1.0]))
def test_the_digest_equals_the_formulas(
    bids: Pairs, asks: Pairs, depth: int | None, later: Pairs, within: float
) -> None:
    """Every band and every slippage of what is known, to the last digit; no mid, no digest."""
    sides = CompiledSides(2, 3)
    sides.replace(raw(bids), raw(asks), depth)
    sides.update(raw(later), raw([]))
    known, whole = sides.known(within), sides.known(1.0)
    book = Orderbook(exchange="", symbol="", bids=known[0], asks=known[1], timestamp=from_us(0))
    bare = structs.replace(book, bids=[], asks=[])
    levels_of_all = structs.replace(book, bids=whole[0], asks=whole[1])
    summed = sides.digest(TENTHS, [amount * 10**5 for amount in AMOUNTS], within)
    assert (summed is None) == (calculate_liquidity_depth(book).mid_price is None)
    if summed is None:
        return
    digest = Digest(
        2,
        3,
        *summed.ladder,
        summed.deepest_bid,
        summed.deepest_ask,
        summed.bids_spent,
        summed.asks_spent,
    )
    bands = structs.asdict(calculate_liquidity_depth(levels_of_all))
    reached = structs.asdict(calculate_liquidity_depth(book))
    expected = {name: (reached if "reach" in name else bands)[name] for name in bands}
    assert structs.asdict(calculate_liquidity_depth(bare, digest)) == expected
    amounts = [Decimal(amount) for amount in AMOUNTS]
    assert calculate_slippages(bare, amounts, digest=digest) == calculate_slippages(book, amounts)


@pytest.mark.parametrize("levels", [b"[[", b"{}", b'[["1"]]', b'[["1","2"]', b'[["1",2]]', b"[1]"])
def test_what_are_no_levels_is_refused(levels: bytes) -> None:
    """Truncated, or of another form."""
    with pytest.raises(ValueError, match="not a list of levels"):
        CompiledSides(2, 3).update(Raw(levels), Raw(b"[]"))


def test_more_decimals_than_the_scale_go_to_the_plain_twin() -> None:
    """Nothing is rounded, and nothing that was there is lost."""
    sides = CompiledSides(2, 3)
    sides.replace(raw([("10.00", "1.000")]), raw([("11.00", "2.500")]), 1)
    with pytest.raises(TooLong) as raised:
        sides.update(raw([("9.995", "1")]), raw([]))
    plain = raised.value.plain
    plain.update(raw([("9.995", "1")]), raw([]))
    assert [str(level.price) for level in plain.received(5)[0]] == ["10.00", "9.995"]
    assert plain.known(1.0)[1] == sides.known(1.0)[1]
    assert not plain.is_whole()
