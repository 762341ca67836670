"""The auditor: what it must find, it finds."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.simulation.audit import audit
from tests.simulation.loop import VirtualLoop
from tests.simulation.memory import PLACES
from tests.simulation.simulation import Run, Scenario
from tests.simulation.trouble import OfWire, Trouble

from perps_stats.core.catalogue import GAPS, LIQUIDITY, TRADES

CUT = Trouble(at=6.0, venue="binance", what=OfWire.REFUSE, seconds=2.0, pick=0.0)


async def gone() -> Run:
    """Both connections are cut, and others come after them."""
    run = Run(
        Scenario(seed=5, venues=("binance",), symbols=("BTC",), seconds=36.0, troubles=(CUT,))
    )
    await run.go()
    return run


@pytest.fixture(name="run")
def a_run() -> Run:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(gone())


def test_all_is_well(run: Run) -> None:
    """Losses there were, each in a gap, and no gap without them."""
    verdict = audit(run)
    assert verdict.problems == []
    assert verdict.losses == verdict.listed > 10
    assert verdict.gaps == verdict.justified > 2


def test_a_loss_without_a_gap_is_found(run: Run) -> None:
    """Forget the gaps, and nothing explains what is missing."""
    run.database.rows[GAPS.name].clear()
    verdict = audit(run)
    assert verdict.recall == 0.0
    assert len(verdict.problems) == verdict.losses > 10


def test_a_gap_without_a_reason_is_found(run: Run) -> None:
    """It lies where nothing was lost."""
    gap = next(run.database.gaps())
    early = [each - timedelta(seconds=4) for each in (gap.start_time, gap.detected_at)]
    run.database.keep_gap(
        replace(gap, start_time=early[0], end_time=early[0], detected_at=early[1], stream="day")
    )
    verdict = audit(run)
    assert verdict.gaps == verdict.justified + 1
    assert any(problem.startswith("no reason for") for problem in verdict.problems)


def test_a_trade_that_is_missing_is_found(run: Run) -> None:
    """As is one that nobody told, and one that is not as it was told."""
    trades = run.database.rows[TRADES.name]
    (first, row), (second, other) = list(trades.items())[-4:-2]
    del trades[first]
    id_place = TRADES.columns.index("id")
    trades["invented",] = tuple("x" if n == id_place else text for n, text in enumerate(row))
    trades[second] = tuple("1" if n == id_place + 1 else text for n, text in enumerate(other))
    found = "\n".join(audit(run).problems)
    assert f"trade {row[id_place]}" in found
    assert "was never told" in found
    assert "is stored of" in found


def test_a_figure_within_a_gap_is_found(run: Run) -> None:
    """A row of liquidity in the middle of a gap of its book."""
    gap = next(each for each in run.database.gaps() if each.stream == "orderbook")
    assert gap.end_time is not None
    within = (gap.start_time + (gap.end_time - gap.start_time) / 2).isoformat(" ")
    table = run.database.rows[LIQUIDITY.name]
    row = next(iter(table.values()))
    place = LIQUIDITY.columns.index("ts")
    forged = tuple(within if n == place else text for n, text in enumerate(row))
    table[tuple(forged[place] for place in PLACES[LIQUIDITY.name])] = forged
    (problem,) = audit(run).problems
    assert "lies in a gap" in problem


def test_a_book_that_is_not_the_venues_is_found(run: Run) -> None:
    """The reference knows each level of each state."""
    venue = run.venues["binance"]
    reference = venue.references["BTCUSDT"]
    before = reference.best(3, 3)
    assert before[0][0][0] < before[1][0][0]
    assert reference.last == venue.dialect.truth("BTCUSDT").last_update_id
    truth = venue.dialect.truth("BTCUSDT")
    assert before == (list(truth.bids[:3]), list(truth.asks[:3]))
