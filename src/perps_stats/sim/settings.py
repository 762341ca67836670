"""What a simulator is asked to be."""

from pathlib import Path
from typing import Literal

import msgspec

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import parse_fault


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``port`` 0 is any free one; further exchanges take the next ports. ``speed`` is a tape's.

    ``exchanges`` ``None`` is all that can be simulated, or that can play the tape. ``generosity``
    is how many times as many REST requests each takes as the real one.
    """

    exchanges: tuple[str, ...] | None = None
    symbols: tuple[str, ...] = ("BTC", "ETH", "SOL")
    seed: int = 7
    port: int = 0
    tape: Path | None = None
    speed: float | Literal["max"] = 1.0
    faults: tuple[str, ...] = ()
    generosity: int = 1

    def check(self) -> None:
        """Raises ``BadInput``."""
        named = self.exchanges or ()
        if not named and self.exchanges is not None:
            raise BadInput("exchanges", self.exchanges, "name at least one")
        if not self.symbols:
            raise BadInput("symbols", self.symbols, "name at least one, such as BTC")
        if self.speed != "max" and not self.speed > 0:
            raise BadInput("speed", self.speed, "use a number above 0, or max")
        if self.tape is None and self.speed != 1.0:
            raise BadInput("speed", self.speed, "only a tape has one: give a tape as well")
        if self.tape is not None and len(named) > 1:
            raise BadInput("exchanges", ",".join(named), "a tape is of one exchange")
        if self.generosity < 1:
            raise BadInput("generosity", self.generosity, "use a whole number from 1")
        for fault in self.faults:
            parse_fault(fault)
