"""Figures of one live book: on the grid of exchange time in memory, stored less often, averaged.

When an event crosses a grid point, the last state before it is the sample, stamped with that
state's own time. A sample that the exchange's own best prices speak against waits for the next that
they agree with: nothing is stored, and nothing averaged, of which it may turn out to be wrong.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.aggregator.averages import Averager, Held, to_held
from perps_stats.aggregator.comparing import spread_bps
from perps_stats.aggregator.digest import Digest
from perps_stats.aggregator.liquidity import TENTHS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import STANDARD_AMOUNTS, calculate_slippages
from perps_stats.core.catalogue import LIQUIDITY, LIQUIDITY_AVERAGES, ORDERBOOKS, SLIPPAGE
from perps_stats.core.figures import LiquidityDepthStats, Slippage
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Market, Orderbook, OrderbookLevel
from perps_stats.database.rows import to_row
from perps_stats.feed.agreement import TopCheck
from perps_stats.feed.book import LiveBook, WrongBook
from perps_stats.ingest.grids import Grid, Grids

FIGURES_WITHIN = 0.05
"""Figures are derived from the levels within this fraction of the best price."""


class Live(Struct, frozen=True):
    """What is known of a market now, as of the book's own time."""

    depth: LiquidityDepthStats
    slippages: Sequence[Slippage]


class Sampler:
    """``live`` is the last sample; ``good_ts`` the time of the last state that was found good.

    An event of a time outside ``since`` (inclusive) to ``until`` is to be told to ``sample`` before
    it changes the book. Times are microseconds.
    """

    def __init__(
        self,
        market: Market,
        market_id: int,
        book: LiveBook,
        grids: Grids,
        keep: Callable[[str, Row], None],
    ) -> None:
        self._market = market
        self._market_id = market_id
        self._book = book
        self._levels = grids.book_levels
        self._keep = keep
        self._figures = Grid(grids.figures)
        self._stored, self._books = Grid(grids.stored), Grid(grids.books)
        self._owes_figures = self._owes_book = False
        self._averages = Averager(market.exchange, market.symbol, grids.stored)
        self.check = TopCheck()
        self.live: Live | None = None
        self.good_ts = self.since = self.until = 0

    def begin(self, recv_us: int) -> None:
        """The book is verified again. Raises ``WrongBook`` where it is crossed."""
        self.check.begin()
        self._look(self._top(), recv_us)
        self._enter(self._book.ts)

    def end(self, since: int) -> None:
        """From this time on the book cannot be vouched for."""
        self.live = None
        self._owes_figures = self._owes_book = False
        self._average(since, None)

    def sample(self, ts: int, recv_us: int) -> None:
        """An event of this time is about to come; the book's own last one came at ``recv_us``.

        Raises ``WrongBook``.
        """
        book = self._book
        self._enter(ts)
        figures = self._figures.crossed(book.ts, ts)
        self._owes_figures |= self._stored.crossed(book.ts, ts)
        self._owes_book |= self._books.crossed(book.ts, ts)
        if not (figures or self._owes_figures or self._owes_book):
            return
        top = self._top()
        self.live = None
        if self.check.agrees(top, book.ts, book.last):
            self._store(self._look(top, recv_us), recv_us)

    def _enter(self, ts: int) -> None:
        cells = [grid.cell(ts) for grid in (self._figures, self._stored, self._books)]
        self.since = max(start for start, _ in cells)
        self.until = min(end for _, end in cells)

    @property
    def vouched_until(self) -> int:
        """Up to when the verified book is good: a crossed one that nobody looked at yet is not."""
        try:
            self._top()
        except WrongBook:
            return self.good_ts
        return self._book.ts

    def _top(self) -> Orderbook:
        top = self._book.orderbook(1)
        if top.bids and top.asks and top.bids[0].price >= top.asks[0].price:
            raise WrongBook(f"the book is crossed at update {self._book.last}")
        return top

    def _look(self, top: Orderbook, recv_us: int) -> Live:
        book, recv = self._book, from_us(recv_us)
        digest = self._digest()
        known = top if digest else book.known_orderbook(FIGURES_WITHIN)
        known = replace(known, recv_ts=recv)
        live = Live(
            calculate_liquidity_depth(known, digest), calculate_slippages(known, digest=digest)
        )
        bid, ask = (side[0].price if side else None for side in (known.bids, known.asks))
        self._average(book.ts, to_held(live.depth, spread_bps(bid, ask)))
        self.live, self.good_ts = live, book.ts
        return live

    def _digest(self) -> Digest | None:
        """The book summed up, where the compiled one does it: it knows the market's scales."""
        price_scale, quantity_scale = self._market.price_scale, self._market.quantity_scale
        if price_scale is None or quantity_scale is None:
            return None
        unit = 10 ** (price_scale + quantity_scale)
        amounts = [int(amount) * unit for amount in STANDARD_AMOUNTS]
        summed = self._book.digest(TENTHS, amounts, FIGURES_WITHIN)
        if summed is None:
            return None
        return Digest(
            price_scale,
            quantity_scale,
            *summed.ladder,
            summed.deepest_bid,
            summed.deepest_ask,
            summed.bids_spent,
            summed.asks_spent,
        )

    def _average(self, ts: int, held: Held | None) -> None:
        for row in self._averages.hold(ts, held):
            self._keep(LIQUIDITY_AVERAGES.name, to_row(LIQUIDITY_AVERAGES, row, self._market_id))

    def _store(self, live: Live, recv_us: int) -> None:
        if self._owes_figures:
            self._keep(LIQUIDITY.name, to_row(LIQUIDITY, live.depth, self._market_id))
            for row in live.slippages:
                self._keep(SLIPPAGE.name, to_row(SLIPPAGE, row, self._market_id))
        if self._owes_book and (book := self.best_known(self._levels)):
            book = replace(book, recv_ts=from_us(recv_us))
            self._keep(ORDERBOOKS.name, to_row(ORDERBOOKS, book, self._market_id))
        self._owes_figures = self._owes_book = False

    def best_known(self, levels: int) -> Orderbook | None:
        """The best levels of which none can be missing; ``None`` where the price has left what is
        known of a side.
        """
        best = self._book.orderbook(levels)
        known = self._book.known_orderbook(max(map(_depth, (best.bids, best.asks))))
        bids, asks = known.bids[:levels], known.asks[:levels]
        if bool(bids) != bool(best.bids) or bool(asks) != bool(best.asks):
            return None
        return replace(best, bids=bids, asks=asks)


def _depth(levels: Sequence[OrderbookLevel]) -> float:
    """How far the last lies from the first, as a fraction of it; a little more."""
    if not levels:
        return 0.0
    return float(abs(levels[-1].price / levels[0].price - 1)) + 1e-9
