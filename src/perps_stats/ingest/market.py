"""One market while it is collected: events in, rows and gaps out. No I/O and no clock.

Samples lie on the grid of exchange time: when an event crosses a grid point, the last state before
it is the sample, stamped with that state's own time. So a replay gives the same rows, and a quiet
market gives none twice.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from perps_stats.aggregator.digest import Digest
from perps_stats.aggregator.liquidity import TENTHS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import STANDARD_AMOUNTS, calculate_slippages
from perps_stats.core.catalogue import LIQUIDITY, ORDERBOOKS, SLIPPAGE
from perps_stats.core.errors import Unreadable
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.database.rows import to_row
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    Event,
    FundingTick,
    KlineTick,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)
from perps_stats.feed.book import LiveBook, OutOfStep
from perps_stats.ingest.interests import Interests
from perps_stats.ingest.ledger import Ledger
from perps_stats.ingest.rows import (
    TickerState,
    funding_row,
    kline_row,
    liquidation_row,
    ticker_row,
    trade_row,
)
from perps_stats.ingest.trades import TradeSequence

FIGURES_WITHIN = 0.05
"""Figures are derived from the levels within this fraction of the best price."""
KNOWN_ENOUGH = 0.0021
"""The 20 bps band, and a little more."""


class Grid:
    """Multiples of a step of exchange time, in microseconds."""

    def __init__(self, seconds: float) -> None:
        self._step = round(seconds * 1_000_000)

    def crossed(self, before: int, after: int) -> bool:
        """Whether a grid point lies in ``(before, after]``."""
        return after // self._step > before // self._step


class Grids(msgspec.Struct, frozen=True):
    """Seconds of exchange time between two samples."""

    figures: float = 1.0
    books: float = 10.0
    tickers: float = 10.0
    funding: float = 60.0
    interests: float | None = None
    book_levels: int = 50


class Sink(Protocol):
    """Takes rows and gaps, at once: a ``Writer``."""

    def keep(self, data_set: str, row: Row) -> None: ...
    def keep_gap(self, gap: Gap) -> None: ...


class MarketFeed:
    """``want_snapshot`` is called when the book needs one, which ``start_book`` or the stream
    brings; ``want_depth`` when a verified book is known less far than ``KNOWN_ENOUGH``.
    """

    def __init__(
        self,
        market: Market,
        market_id: int,
        grids: Grids,
        sink: Sink,
    ) -> None:
        self.market = market
        self.book = LiveBook(market)
        self.ledger = Ledger(market, market_id, sink.keep_gap)
        self.trades = TradeSequence(self.ledger[Channel.TRADES])
        self.want_snapshot: Callable[[MarketFeed], None] = lambda _feed: None
        self.want_depth: Callable[[MarketFeed], None] = lambda _feed: None
        self.market_id = market_id
        self._id = str(market_id)
        self._keep = sink.keep
        self._book_levels = grids.book_levels
        self._figures, self._books = Grid(grids.figures), Grid(grids.books)
        self._tickers, self._funding = Grid(grids.tickers), Grid(grids.funding)
        self.listening = False
        self._book_recv = 0
        self._state = TickerState()
        self._book_ledger = self.ledger[Channel.ORDERBOOK]
        self._best_ledger = self.ledger[Channel.BEST]
        self._last_funding: tuple[FundingTick, int] | None = None
        self._interests = Interests(market_id, grids.interests, sink.keep, self.ledger)
        self._open_candle: tuple[KlineTick, int] | None = None
        self._take: dict[type[Event], Callable[..., None]] = {
            BookDelta: self._delta,
            BookSnapshot: self._snapshot,
            TradeTick: self._trade,
            NoTrade: self._no_trade,
            BestTick: self._best,
            DayTick: self._day,
            MarkTick: self._mark,
            FundingTick: self._fund,
            KlineTick: self._kline,
            LiquidationTick: self._liquidation,
        }

    def receive(self, event: Event, recv_us: int) -> None:
        self._take[type(event)](event, recv_us)

    def doubt(self, channel: Channel, cause: GapCause, detail: str, now: datetime) -> None:
        """The channel can no longer be vouched for. A book becomes suspect."""
        self.ledger[channel].doubt(cause, detail, now)
        match channel:
            case Channel.ORDERBOOK:
                self.book.suspect()
                self.listening = False
            case Channel.BEST:
                self._state.best = None
            case Channel.DAY:
                self._state.day = None
            case Channel.MARK:
                self._state.mark = None
            case Channel.TRADES:
                self._state.last_price = None
            case Channel.FUNDING:
                self._last_funding = None
            case Channel.KLINES:
                self._open_candle = None
            case Channel.OPEN_INTEREST:
                self._interests.forget()
            case Channel.LIQUIDATIONS:
                pass

    def start_book(self, snapshot: BookSnapshot, recv_us: int) -> bool:
        """Begin the book; ``False`` if the snapshot is too old to join what waited.

        One that comes while nobody listens is let go: the next connection asks for its own.
        """
        if not self.listening:
            return True
        waiting = self.book.start(snapshot)
        if waiting is None:
            return False
        self._book_recv = recv_us
        self._book_ledger.vouch(snapshot.ts)
        for delta in waiting:
            self._delta(delta, recv_us)
        return self.book.verified

    def _snapshot(self, snapshot: BookSnapshot, recv_us: int) -> None:
        """A whole book, or its top, from the stream itself. It stands alone, whatever came before.

        The book it replaces is sampled first where a grid point lies between. A number that goes
        back within a connection is a new count of the exchange's: a break, and a new beginning.
        """
        book = self.book
        try:
            if book.verified:
                if snapshot.last < book.last:
                    back = f"the book's number went back from {book.last} to {snapshot.last}"
                    book.suspect()
                    self._book_ledger.doubt(GapCause.SEQUENCE, back, from_us(recv_us))
                elif self._figures.crossed(book.ts, snapshot.ts):
                    self._sample(snapshot.ts)
            if not self.start_book(snapshot, recv_us):
                self.want_snapshot(self)
        except (OutOfStep, Unreadable) as error:
            self._break_book(error, recv_us)

    def _delta(self, delta: BookDelta, recv_us: int) -> None:
        book = self.book
        if not book.verified:
            book.wait(delta)
            self.want_snapshot(self)
            return
        try:
            if self._figures.crossed(book.ts, delta.ts):
                self._sample(delta.ts)
            if not book.apply(delta):
                return
        except (OutOfStep, Unreadable) as error:
            self._break_book(error, recv_us)
            return
        self._book_recv = recv_us
        self._book_ledger.vouch(delta.ts)

    def _break_book(self, error: OutOfStep | Unreadable, recv_us: int) -> None:
        cause = GapCause.SEQUENCE if isinstance(error, OutOfStep) else GapCause.EXCHANGE
        self._book_ledger.doubt(cause, str(error), from_us(recv_us))
        self.want_snapshot(self)

    def _sample(self, crossing_ts: int) -> None:
        """Raises ``Unreadable`` for a book that no exchange can have."""
        top = self.book.orderbook(1)
        if top.bids and top.asks and top.bids[0].price >= top.asks[0].price:
            self.book.suspect()
            raise Unreadable(f"the book is crossed at update {self.book.last}")
        recv = from_us(self._book_recv)
        digest = self._digest()
        known = self.book.known_orderbook(FIGURES_WITHIN) if digest is None else top
        figures = calculate_liquidity_depth(known, digest)
        figures = msgspec.structs.replace(figures, recv_ts=recv)
        self._keep(LIQUIDITY.name, to_row(LIQUIDITY, figures, self.market_id))
        for slippage in calculate_slippages(known, digest=digest):
            row = msgspec.structs.replace(slippage, recv_ts=recv)
            self._keep(SLIPPAGE.name, to_row(SLIPPAGE, row, self.market_id))
        if self.book.known_share() < KNOWN_ENOUGH:
            self.want_depth(self)
        if self._books.crossed(self.book.ts, crossing_ts):
            book = msgspec.structs.replace(self.book.orderbook(self._book_levels), recv_ts=recv)
            self._keep(ORDERBOOKS.name, to_row(ORDERBOOKS, book, self.market_id))

    def _digest(self) -> Digest | None:
        """The book summed up, where the compiled one does it: it knows the market's scales."""
        price_scale, quantity_scale = self.market.price_scale, self.market.quantity_scale
        if price_scale is None or quantity_scale is None:
            return None
        unit = 10 ** (price_scale + quantity_scale)
        amounts = [int(amount) * unit for amount in STANDARD_AMOUNTS]
        summed = self.book.digest(TENTHS, amounts, FIGURES_WITHIN)
        if summed is None:
            return None
        return Digest(price_scale, quantity_scale, *summed.ladder, *summed[1:])

    def _trade(self, tick: TradeTick, recv_us: int) -> None:
        if self.trades.take(tick, recv_us):
            if tick.ts == self.trades.newest:
                self._state.last_price = tick.price
            self._keep("trades", trade_row(self._id, tick, recv_us))

    def _no_trade(self, tick: NoTrade, recv_us: int) -> None:
        self.trades.take(tick, recv_us)

    def _best(self, tick: BestTick, recv_us: int) -> None:
        state = self._state
        if state.best is not None and self._tickers.crossed(state.best.ts, tick.ts):
            self._keep("tickers", ticker_row(self._id, state.best, state))
        state.best, state.recv_us = tick, recv_us
        self._best_ledger.vouch(tick.ts)

    def _day(self, tick: DayTick, _recv_us: int) -> None:
        self._state.day = tick
        self.ledger[Channel.DAY].vouch(tick.ts)

    def _mark(self, tick: MarkTick, recv_us: int) -> None:
        self._state.mark = tick
        self._interests.take(tick, recv_us)
        self.ledger[Channel.MARK].vouch(tick.ts)

    def _fund(self, tick: FundingTick, recv_us: int) -> None:
        before = self._last_funding
        if before and self._funding.crossed(before[0].ts, tick.ts):
            self._keep("funding_rates", funding_row(self._id, self.market, *before))
        self._last_funding = tick, recv_us
        self.ledger[Channel.FUNDING].vouch(tick.ts)

    def _kline(self, tick: KlineTick, recv_us: int) -> None:
        if tick.closed is None:
            self._unmarked_kline(tick, recv_us)
            return
        self.ledger[Channel.KLINES].vouch(tick.close_ts if tick.closed else tick.open_ts)
        if tick.closed:
            self._keep("klines", kline_row(self._id, tick, recv_us))

    def _unmarked_kline(self, tick: KlineTick, recv_us: int) -> None:
        """An exchange that does not say when a candle is closed: the next one proves it. The first
        after a gap proves nothing, as the last state of the one before may be missing.
        """
        before = self._open_candle
        if before is not None and before[0].open_ts < tick.open_ts:
            closed = msgspec.structs.replace(before[0], closed=True)
            self._keep("klines", kline_row(self._id, closed, before[1]))
        if before is None or before[0].open_ts <= tick.open_ts:
            self._open_candle = tick, recv_us
            self.ledger[Channel.KLINES].vouch(tick.open_ts)

    def _liquidation(self, tick: LiquidationTick, recv_us: int) -> None:
        self.ledger[Channel.LIQUIDATIONS].vouch(tick.ts)
        self._keep("liquidations", liquidation_row(self._id, tick, recv_us))
