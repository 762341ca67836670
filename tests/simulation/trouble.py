"""What goes wrong in a run, and when: drawn from the seed, the same each time."""

from enum import StrEnum
from random import Random

from msgspec import Struct
from tests.simulation.rest import RestFault
from tests.simulation.wire import Spoil


class OfWire(StrEnum):
    CUT = "cut"
    """TCP is reset: what is on its way is lost."""
    HALF_OPEN = "half-open"
    """Neither end hears the other, and nobody is told."""
    MUTE = "mute"
    """The venue says nothing any more; the connection lives."""
    REFUSE = "refuse"
    """All connections are cut, and new ones are refused for a while."""


class OfDatabase(StrEnum):
    AWAY = "away"
    SLOW_COMMITS = "slow commits"
    NO_ANSWER = "no answer"
    """One transaction is committed, and nobody is told."""


class OfProcess(StrEnum):
    CRASH = "crash"
    RESTART = "restart"
    """A stop as it should be, and a new start."""


class OfVenue(StrEnum):
    JUMP = "jump"
    """The numbers of its books jump ahead, and nothing is lost."""
    MUTE_CHANNEL = "mute channel"
    """A connection hears no more of one channel, and all of the others."""


What = OfVenue | Spoil | OfWire | RestFault | OfDatabase | OfProcess
SPOILS: tuple[What, ...] = tuple(Spoil)
OFTEN: tuple[What, ...] = (*SPOILS, OfWire.CUT, OfWire.CUT, OfWire.HALF_OPEN, OfWire.MUTE)
SELDOM: tuple[What, ...] = (OfWire.REFUSE, *RestFault, *OfDatabase, *OfProcess)
LONGEST: dict[What, float] = {
    OfWire.REFUSE: 8.0,
    RestFault.SLOW: 15.0,
    RestFault.FAILS: 8.0,
    RestFault.SILENT: 15.0,
    RestFault.SLOW_DOWN: 5.0,
    RestFault.BANNED: 8.0,
    RestFault.STALE: 10.0,
    OfDatabase.AWAY: 20.0,
    OfDatabase.SLOW_COMMITS: 15.0,
    OfProcess.CRASH: 4.0,
    OfProcess.RESTART: 4.0,
}
"""Seconds; the others happen at once."""


class Trouble(Struct, frozen=True):
    """``pick`` is a number to choose by, where and what: in [0, 1)."""

    at: float
    venue: str
    what: What
    seconds: float
    pick: float


def troubles(
    chance: Random, venues: tuple[str, ...], span: tuple[float, float], count: int
) -> list[Trouble]:
    """So many within a span of seconds, in order."""
    drawn: list[Trouble] = []
    for at in sorted(chance.uniform(*span) for _ in range(count)):
        what = chance.choice(OFTEN if chance.random() < 0.7 else SELDOM)
        seconds = chance.uniform(0.2, 1.0) * LONGEST.get(what, 0.0)
        drawn.append(Trouble(at, chance.choice(venues), what, seconds, chance.random()))
    return drawn
