"""Every resource, asked of what ``run --demo`` collects, says what the simulator knows."""

import os
from pathlib import Path

import pytest
from tests.api.derived import test_truth as compared
from tests.api.walk import lists, spans, states, stored
from tests.api.walk.demo import demo

from perps_stats.api.resources import RESOURCES

CHECKS = {
    "funding/matrix": (compared.test_the_matrix_has_every_cell,),
    "funding/arbitrage": (compared.test_pairs_are_net_of_the_four_trades,),
    "basis": (compared.test_basis_is_mark_and_mid_against_the_index,),
    "spread": (compared.test_spreads_are_of_the_best_prices,),
    "spread/cross": (compared.test_spreads_are_of_the_best_prices,),
    "shares": (
        compared.test_shares_are_of_one_total,
        compared.test_a_share_of_depth_says_where_it_is_a_floor,
    ),
    "cost": (
        compared.test_costs_are_those_of_the_true_books,
        compared.test_no_coin_moved_makes_the_split_cheaper,
    ),
    "tickers": (states.tickers,),
    "orderbooks": (states.orderbooks,),
    "liquidity": (states.liquidity,),
    "slippage": (states.slippage,),
    "exchanges": (lists.exchanges,),
    "symbols": (lists.symbols,),
    "markets": (lists.markets,),
    "stats": (lists.stats,),
    "coverage": (lists.coverage,),
    "coverage/streams": (lists.stream_coverage,),
    "catalog": (lists.catalog,),
    "gaps": (lists.gaps,),
    "tickers/history": (states.tickers_of_the_past,),
    "orderbooks/history": (states.books_of_the_past,),
    "liquidity/history": (states.liquidity_of_the_past,),
    "slippage/history": (states.slippage_of_the_past,),
    "trades": (stored.trades,),
    "liquidations": (stored.liquidations,),
    "funding-rates": (stored.funding_rates,),
    "open-interest": (stored.open_interest,),
    "klines": (stored.klines,),
    "liquidity/averages": (spans.averages,),
    "spread/history": (spans.spreads,),
    "funding/history": (spans.funding,),
    "basis/history": (spans.basis,),
    "cost/hours": (spans.cost_hours,),
    "shares/history": (spans.share_hours,),
}


def test_no_resource_is_left_out() -> None:
    """One that is new must be walked, too."""
    assert {resource.path for resource in RESOURCES} == set(CHECKS)


@pytest.mark.skipif(
    "PERPS_STATS_LONG" not in os.environ,
    reason="PERPS_STATS_LONG is not set: it needs a machine to itself, or feeds fall silent",
)
@pytest.mark.timeout(300)
async def test_every_answer_is_the_truth(url: str, tmp_path: Path) -> None:
    """Resource by resource, of every exchange and symbol of the demo."""
    wrong: list[Exception] = []
    async with demo(url, tmp_path) as world:
        for path, checks in CHECKS.items():
            for check in checks:
                try:
                    await check(world)
                except (AssertionError, LookupError, ValueError, ArithmeticError) as error:
                    error.add_note(f"of {path}")
                    wrong.append(error)
    if wrong:
        raise ExceptionGroup("not the truth", wrong)
