"""An hour of four exchanges and twenty symbols each, in which a thousand things go wrong.

With PERPS_STATS_LONG=1; PERPS_STATS_SEED chooses another hour. Some ten minutes of two cores.
"""

import os

import pytest
from tests.simulation.scenarios import hour
from tests.simulation.seeds import Outcome, simulate

LONG = os.environ.get("PERPS_STATS_LONG")
SEED = int(os.environ.get("PERPS_STATS_SEED", "5"))


def told(outcome: Outcome) -> str:
    verdict, resyncs = outcome.verdict, sorted(outcome.resyncs)
    return (
        f"recall {verdict.recall:.6f} of {verdict.losses:,} losses; "
        f"precision {verdict.precision:.6f} of {verdict.gaps:,} gaps\n"
        f"{len(resyncs):,} resyncs: p50 {quantile(resyncs, 0.5):.2f} s, "
        f"p99 {quantile(resyncs, 0.99):.2f} s, at most {resyncs[-1]:.2f} s\n"
        f"{outcome.rows:,} rows, {verdict.trades:,} trades; {outcome.books:,} books compared "
        f"level for level; {verdict.unnoticed:,} frames lost that no number tells"
    )


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@pytest.mark.timeout(7200)
@pytest.mark.skipif(LONG is None, reason="PERPS_STATS_LONG is not set: it takes long")
def test_a_thousand_faults_in_an_hour() -> None:
    """Each loss is listed, each gap has its reason, each book is the venue's own again soon."""
    outcome = simulate(hour(SEED))
    print(told(outcome))  # noqa: T201
    assert not outcome.verdict.problems, "\n".join(outcome.verdict.problems[:20])
    assert outcome.verdict.recall == 1.0
    assert outcome.verdict.precision >= 0.99
    assert quantile(sorted(outcome.resyncs), 0.99) <= 2.0


def test_some_faults_in_a_minute() -> None:
    """The same, short: all four exchanges at once."""
    outcome = simulate(hour(SEED, seconds=75.0, count=4, symbols=3))
    assert not outcome.verdict.problems, "\n".join(outcome.verdict.problems[:20])
    assert outcome.verdict.gaps > 0
    assert quantile(sorted(outcome.resyncs), 0.99) <= 2.0
