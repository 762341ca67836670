"""What a simulator is asked to be."""

from pathlib import Path
from typing import Literal

import msgspec

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import OF_A_MODEL, parse_fault
from perps_stats.sim.model.coins import MOST_MADE_UP, coin_named, made_up_names

LEAST_RATE, MOST_RATE = 0.02, 50.0


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``port`` 0 is any free one; further exchanges take the next ports. ``speed`` is a tape's.

    ``exchanges`` ``None`` is all that can be simulated, or that can play the tape. ``generosity``
    is how many times as many REST requests each takes as the real one. ``coins`` made-up ones are
    traded beside the symbols. ``rate`` is how lively the model's markets are: at 1 a book changes
    20 times a second; above 1 there are also so many times as many trades.
    """

    exchanges: tuple[str, ...] | None = None
    symbols: tuple[str, ...] = ("BTC", "ETH", "SOL")
    seed: int = 7
    port: int = 0
    tape: Path | None = None
    speed: float | Literal["max"] = 1.0
    faults: tuple[str, ...] = ()
    generosity: int = 1
    coins: int = 0
    rate: float = 1.0

    @property
    def traded(self) -> tuple[str, ...]:
        """The coins of the model."""
        return (*self.symbols, *made_up_names(self.coins))

    def check(self) -> None:
        """Raises ``BadInput``."""
        named = self.exchanges or ()
        if not named and self.exchanges is not None:
            raise BadInput("exchanges", self.exchanges, "name at least one")
        if not self.traded:
            raise BadInput("symbols", self.symbols, "name at least one, such as BTC")
        for symbol in self.symbols:
            coin_named(symbol)
        if self.speed != "max" and not self.speed > 0:
            raise BadInput("speed", self.speed, "use a number above 0, or max")
        if self.tape is None and self.speed != 1.0:
            raise BadInput("speed", self.speed, "only a tape has one: give a tape as well")
        if self.tape is not None and len(named) > 1:
            raise BadInput("exchanges", ",".join(named), "a tape is of one exchange")
        self._check_sizes()
        for text in self.faults:
            if parse_fault(text).kind in OF_A_MODEL and self.tape is not None:
                raise BadInput("fault", text, "a tape tells what it holds: of that only drop")

    def _check_sizes(self) -> None:
        if self.generosity < 1:
            raise BadInput("generosity", self.generosity, "use a whole number from 1")
        if not 0 <= self.coins <= MOST_MADE_UP:
            raise BadInput("coins", self.coins, f"use a whole number up to {MOST_MADE_UP}")
        if not LEAST_RATE <= self.rate <= MOST_RATE:
            raise BadInput("rate", self.rate, f"use a number from {LEAST_RATE} to {MOST_RATE:g}")
