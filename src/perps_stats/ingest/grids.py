"""How often what is collected is kept: on grids of exchange time, so that a replay does alike."""

from msgspec import Struct


class Grid:
    """Multiples of a step of exchange time, in microseconds."""

    def __init__(self, seconds: float) -> None:
        self._step = round(seconds * 1_000_000)

    def crossed(self, before: int, after: int) -> bool:
        """Whether a grid point lies in ``(before, after]``."""
        return after - after % self._step > before

    def cell(self, ts: int) -> tuple[int, int]:
        """The grid points between which ``ts`` lies: the first inclusive."""
        start = ts - ts % self._step
        return start, start + self._step


class Grids(Struct, frozen=True):
    """Seconds of exchange time between two samples: ``figures`` in memory, ``stored`` ones.

    ``compare`` are seconds of our own, between two comparisons of a book; 0: never.
    """

    figures: float = 1.0
    stored: float = 10.0
    books: float = 10.0
    tickers: float = 10.0
    funding: float = 60.0
    interests: float | None = None
    book_levels: int = 50
    compare: float = 300.0
