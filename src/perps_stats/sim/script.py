"""When faults happen by the clock: those at a time, and those by chance, in their order."""

from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import Fault, Kind, parse_fault
from perps_stats.sim.model.noise import dice

TOLD = ("orderbook", "trades", "best")
MOST_FRAMES = 300
"""So many frames at most pass before one by chance happens, so that any market may be hit."""


class _Choice(Struct, frozen=True):
    """``shortest`` and ``longest`` are seconds, 0 where the kind has no time."""

    kind: Kind
    shortest: float = 0.0
    longest: float = 0.0
    has_stream: bool = False


CHAOS = (
    *(_Choice(kind, has_stream=True) for kind in (Kind.DROP, Kind.DUPLICATE, Kind.REORDER)),
    _Choice(Kind.DELAY, 0.1, 3.0, has_stream=True),
    *(_Choice(kind) for kind in (Kind.JUMP, Kind.REWIND, Kind.CROSS, Kind.OLD_BOOK, Kind.STALE)),
    _Choice(Kind.STORM, 0.2, 2.0),
    *(_Choice(kind) for kind in (Kind.DISCONNECT, Kind.RST, Kind.HALF_OPEN, Kind.TRUNCATE)),
    *(_Choice(kind) for kind in (Kind.BAD_JSON, Kind.OVERSIZED)),
    _Choice(Kind.SILENCE, 1.0, 40.0),
    _Choice(Kind.RESTART, 0.1, 2.0),
)


def read_faults(path: Path) -> tuple[str, ...]:
    """A fault a line, ``#`` begins a comment. Raises ``BadInput`` that names the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("faults", str(path), f"give a text file ({error})") from error
    told = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
    faults = [(number, text) for number, text in told if text]
    for number, text in faults:
        try:
            parse_fault(text)
        except BadInput as error:
            raise BadInput("faults", f"{path}, line {number}: {text}", error.remedy) from error
    return tuple(text for _, text in faults)


def schedule(faults: Iterable[Fault], exchange: str) -> Iterator[tuple[float, Fault]]:
    """What happens so many seconds after the start, each as it is then to be injected."""
    listed = tuple(faults)
    timed = sorted(
        ((one.at, replace(one, at=None)) for one in listed if one.at is not None),
        key=_time,
    )
    chaos = [_chaos(one, exchange) for one in listed if one.kind is Kind.CHAOS]
    return merge(timed, *chaos, key=_time)


def _time(event: tuple[float, Fault]) -> float:
    return event[0]


def _chaos(fault: Fault, exchange: str) -> Iterator[tuple[float, Fault]]:
    """Of no memory: the time to the next does not depend on the last."""
    chance = dice(fault.number, exchange)
    time = 0.0
    while True:
        time += chance.expovariate(fault.seconds / 60)
        choice = chance.choice(CHAOS)
        seconds = round(chance.uniform(choice.shortest, choice.longest), 3)
        rare = choice.kind in {Kind.STALE, Kind.OLD_BOOK}
        number = 1 if rare else chance.randint(1, MOST_FRAMES)
        stream = chance.choice(TOLD)
        yield (
            time,
            Fault(choice.kind, number, stream if choice.has_stream else "", seconds),
        )
