"""What passes the writer, each row and gap once, for whoever looks at it between two flushes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from perps_stats.core.stored import Row
from perps_stats.core.types import Gap
from perps_stats.ingest.writer import Writer


class Tap:
    """``take`` is to be called regularly: until then what came is held. It reads the lists of the
    writer: keeping a row costs no more than without it.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._rows: dict[str, list[Row]] = {}
        self._gaps: list[Gap] = []
        self._seen: Counter[str] = Counter()
        self._gaps_seen = 0
        writer.on_flush = self._flushed

    def take(self) -> tuple[Mapping[str, Sequence[Row]], Sequence[Gap]]:
        """Rows by data set, and gaps, since the last call, in the order they came."""
        self._read()
        rows, self._rows = self._rows, {}
        gaps, self._gaps = self._gaps, []
        return rows, gaps

    def _flushed(self) -> None:
        """The lists are about to be replaced."""
        self._read()
        self._seen.clear()
        self._gaps_seen = 0

    def _read(self) -> None:
        for data_set, rows in self._writer.fresh_rows.items():
            if new := rows[self._seen[data_set] :]:
                self._rows.setdefault(data_set, []).extend(new)
                self._seen[data_set] = len(rows)
        gaps = self._writer.fresh_gaps
        self._gaps += gaps[self._gaps_seen :]
        self._gaps_seen = len(gaps)
