"""Open interest of one market, where its stream tells it: the last before each grid point."""

from collections.abc import Callable

from perps_stats.core.catalogue import OPEN_INTEREST
from perps_stats.core.stored import Row
from perps_stats.core.times import text_of_us
from perps_stats.exchanges.events import Channel, MarkTick
from perps_stats.ingest.grids import Grid
from perps_stats.ingest.ledger import Ledger


class Interests:
    """``seconds`` of exchange time lie between two rows; without them none is kept."""

    def __init__(
        self,
        market_id: int,
        seconds: float | None,
        keep: Callable[[str, Row], None],
        ledger: Ledger,
    ) -> None:
        self._id = str(market_id)
        self._grid = None if seconds is None else Grid(seconds)
        self._keep = keep
        self._ledger = ledger[Channel.OPEN_INTEREST]
        self.last: tuple[MarkTick, int] | None = None

    def take(self, tick: MarkTick, recv_us: int) -> None:
        """Of an exchange that tells none with its mark prices nothing is vouched for."""
        if self._grid is None or tick.open_interest is tick.open_value is None:
            return
        if self.last and self._grid.crossed(self.last[0].ts, tick.ts):
            self._keep(OPEN_INTEREST.name, interest_row(self._id, *self.last))
        self.last = tick, recv_us
        self._ledger.vouch(tick.ts)

    def forget(self) -> None:
        self.last = None


def interest_row(market_id: str, tick: MarkTick, recv_us: int) -> Row:
    times = text_of_us(tick.ts), text_of_us(recv_us)
    return (market_id, tick.open_interest, tick.open_value, *times)
