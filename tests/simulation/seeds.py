"""One seed, simulated and audited: in a test, or for who looks into it.

python -m tests.simulation.seeds 123        # what befell, what was wrong, the log
"""

import asyncio
import logging
import sys

import structlog
from msgspec import Struct
from tests.simulation.audit import Verdict, audit
from tests.simulation.loop import VirtualLoop
from tests.simulation.scenarios import short
from tests.simulation.simulation import Run, Scenario


class Outcome(Struct, frozen=True):
    verdict: Verdict
    resyncs: list[float]
    digest: str
    rows: int
    books: int
    """Compared with the truth, level for level: live ones, and stored rows."""


async def _gone(scenario: Scenario) -> Run:
    run = Run(scenario)
    await run.go()
    return run


def simulate(scenario: Scenario) -> Outcome:
    """Raises whatever stopped it."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        run = runner.run(_gone(scenario))
    rows = sum(map(len, run.database.rows.values()))
    books = run.watch.compared + run.watch.rows_compared
    return Outcome(audit(run), run.watch.resyncs, run.database.digest(), rows, books)


def _stamped(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """With the seconds of the run."""
    return {"at": f"{asyncio.get_running_loop().time():.2f}", **event}


def main(seed: int) -> None:
    structlog.configure(
        processors=[_stamped, structlog.processors.KeyValueRenderer(key_order=["at", "event"])],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    scenario = short(seed)
    for trouble in scenario.troubles:
        print(trouble)  # noqa: T201
    outcome = simulate(scenario)
    print(outcome)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
