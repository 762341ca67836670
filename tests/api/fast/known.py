"""A process that knows what a test says."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from perps_stats.core.live import BOOK_LEVELS, Stop, Told
from perps_stats.core.types import Orderbook

Market = tuple[str, str]


class Knowing:
    """``tell`` what is known of a market from now on; ``asked`` counts the questions."""

    def __init__(self) -> None:
        self.asked = 0
        self._rows: dict[tuple[str, str, str], tuple[int, Sequence[Struct]]] = {}

    def tell(self, data_set: str, market: Market, *rows: Struct) -> None:
        version, _ = self._rows.get((data_set, *market), (0, ()))
        self._rows[data_set, *market] = version + 1, rows

    def markets(self) -> Sequence[Market]:
        return sorted({(exchange, symbol) for _, exchange, symbol in self._rows})

    def simulated(self) -> Mapping[str, bool]:
        return {}

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        self.asked += 1
        _, rows = self._rows.get((data_set, exchange, symbol), (0, ()))
        return [_cut(row, depth) if isinstance(row, Orderbook) else row for row in rows]

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        return self._rows.get((data_set, exchange, symbol), (0, ()))[0]

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        raise NotImplementedError(data_set, exchange, symbol, told)


def _cut(book: Orderbook, depth: int) -> Orderbook:
    whole = max(len(book.bids), len(book.asks)) <= depth
    sides = {"bids": book.bids[:depth], "asks": book.asks[:depth]}
    return structs.replace(book, **sides, complete=book.complete and whole)
