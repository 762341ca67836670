"""What an exchange refuses for now is asked again; what will not change is not."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from perps_stats.core.errors import ExchangeError, RateLimited, Refused, Unreachable, Unreadable
from perps_stats.ingest.backfill.patience import Patience

LONG_SECONDS = 86_400.0
"""Also where the tests take hours from their collection on."""
HASTY = Patience(unreachable=(0, 0), unreadable=(0,), longest=0.5)


class Asked:
    """Fails with these errors, one after the other, and then answers; remembers the waits."""

    def __init__(self, *errors: ExchangeError) -> None:
        self.errors = list(errors)
        self.times = 0
        self.waits: list[str] = []

    def __call__(self) -> Awaitable[str]:
        return self._answer()

    async def _answer(self) -> str:
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    def waited(self, seconds: float, reason: str) -> None:
        assert seconds >= 0
        self.waits.append(reason)


def limited(seconds: float, *, banned: bool = False) -> RateLimited:
    """For so long from now on."""
    return RateLimited(datetime.now(UTC) + timedelta(seconds=seconds), banned=banned)


@pytest.mark.parametrize(
    "errors",
    [
        [],
        [Unreachable("away"), Unreachable("away")],
        [Unreadable("half a body")],
        [Unreachable("away"), Unreadable("half a body"), Unreachable("away")],
    ],
)
async def test_asked_again_until_it_answers(errors: list[ExchangeError]) -> None:
    """Each kind of failure has tries of its own; every wait is told with its reason."""
    ask = Asked(*errors)
    assert await HASTY.keep_asking(ask, ask.waited) == "answer"
    assert ask.times == len(errors) + 1
    assert len(ask.waits) == len(errors)


async def test_it_waits_until_the_exchange_listens_again() -> None:
    """However often it is told to: a limit is no failure."""
    ask = Asked(*(limited(0.01) for _ in range(5)))
    assert await HASTY.keep_asking(ask, ask.waited) == "answer"
    assert all("asks to slow down" in reason for reason in ask.waits)


@pytest.mark.parametrize(
    ("errors", "times"),
    [
        ([Unreachable("away")] * 3, 3),
        ([Unreadable("no body")] * 2, 2),
        ([Refused("-1121", "Invalid symbol.")], 1),
        ([limited(LONG_SECONDS, banned=True)], 1),
    ],
)
async def test_patience_ends(errors: list[ExchangeError], times: int) -> None:
    """The last failure is raised; a refusal and a long ban at once."""
    ask = Asked(*errors)
    keep: Callable[[], Awaitable[str]] = lambda: HASTY.keep_asking(ask, ask.waited)  # noqa: E731
    with pytest.raises(type(errors[0])):
        await keep()
    assert ask.times == times
