"""One market while it is collected: events in, rows and gaps out. No I/O and no clock.

What is kept of a state lies on a grid of exchange time: when an event crosses a grid point, the
last state before it is kept, stamped with its own time. So a replay gives the same rows, and a
quiet market gives none twice.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from perps_stats.core.errors import Unreadable
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
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
from perps_stats.feed.book import LiveBook, OutOfStep, WrongBook
from perps_stats.ingest.grids import Grid, Grids
from perps_stats.ingest.interests import Interests
from perps_stats.ingest.klines import Klines
from perps_stats.ingest.ledger import Ledger
from perps_stats.ingest.rows import (
    TickerState,
    funding_row,
    is_late,
    liquidation_row,
    ticker_row,
    trade_row,
)
from perps_stats.ingest.sampling import Live, Sampler
from perps_stats.ingest.trades import TradeSequence

Wrong: TypeAlias = OutOfStep | Unreadable | WrongBook
KNOWN_ENOUGH = 0.0021
"""The 20 bps band, and a little more."""


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
        self.sampler = Sampler(market, market_id, self.book, grids, sink.keep)
        self._tickers, self._funding = Grid(grids.tickers), Grid(grids.funding)
        self.listening = False
        self.counts: Counter[str] = Counter()
        """Let go: ``stale`` books, ``late`` best prices. Of trades see ``trades.counts``."""
        self.book_recv = self._equal_ts = 0
        self.ticker = TickerState()
        self._book_ledger = self.ledger[Channel.ORDERBOOK]
        self._best_ledger = self.ledger[Channel.BEST]
        self.last_funding: tuple[FundingTick, int] | None = None
        self.interests = Interests(market_id, grids.interests, sink.keep, self.ledger)
        self._klines = Klines(market_id, sink.keep, self.ledger)
        self._take: dict[type[Event], Callable[..., None]] = {
            BookDelta: self._delta,
            BookSnapshot: self._snapshot,
            TradeTick: self._trade,
            NoTrade: self._no_trade,
            BestTick: self._best,
            DayTick: self._day,
            MarkTick: self._mark,
            FundingTick: self._fund,
            KlineTick: self._klines.take,
            LiquidationTick: self._liquidation,
        }

    def receive(self, event: Event, recv_us: int) -> None:
        self._take[type(event)](event, recv_us)

    def doubt(self, channel: Channel, cause: GapCause, detail: str, now: datetime) -> None:
        """The channel can no longer be vouched for. A book becomes suspect."""
        if channel is Channel.ORDERBOOK:
            since = self.sampler.vouched_until if self.book.verified else None
            self._suspect(cause, detail, now, since)
            self.book.suspect()  # what waits is of a connection that ended
            self.listening = False
            return
        self.ledger[channel].doubt(cause, detail, now)
        match channel:
            case Channel.BEST:
                self.ticker.best = None
                self.sampler.check.forget()
            case Channel.DAY:
                self.ticker.day = None
            case Channel.MARK:
                self.ticker.mark = None
            case Channel.TRADES:
                self.ticker.last_price = None
            case Channel.FUNDING:
                self.last_funding = None
            case Channel.KLINES:
                self._klines.forget()
            case Channel.OPEN_INTEREST:
                self.interests.forget()
            case Channel.LIQUIDATIONS:
                pass

    def retire(self) -> None:
        """The market is listened to no more; that is no gap."""
        self.listening = False
        self.book.suspect()
        self.sampler.end(self._book_ledger.last)

    @property
    def live(self) -> Live | None:
        """The last sample, while the book is verified and nothing speaks against it."""
        return self.sampler.live if self.book.verified else None

    def _suspect(
        self, cause: GapCause, detail: str, now: datetime, since: int | None = None
    ) -> None:
        """Nothing is derived of the book until a snapshot joins. It was good up to ``since``, in
        microseconds, or to its last update.
        """
        if self.book.verified:
            self.book.suspect()
        self._book_ledger.doubt(cause, detail, now, since)
        self.sampler.end(self._book_ledger.last if since is None else since)

    def start_book(self, snapshot: BookSnapshot, recv_us: int) -> bool:
        """Begin the book; ``False`` if the snapshot is too old to join what waited.

        One that comes while nobody listens is let go: the next connection asks for its own.
        """
        if not self.listening:
            return True
        book = self.book
        if book.verified and not snapshot.chained:
            return True
        try:
            was_verified, waiting = book.verified, book.start(snapshot)
            if waiting is None:
                return False
            if not was_verified:
                self._equal_ts = book.ts
                self.sampler.begin(recv_us)
        except (Unreadable, WrongBook) as error:
            self._break_book(error, recv_us)
            return False
        self.book_recv = recv_us
        self._book_ledger.vouch(snapshot.ts)
        for delta in waiting:
            self._delta(delta, recv_us)
        return book.verified

    def end_comparing(self, answer: BookSnapshot, recv_us: int) -> bool:
        """Whether the book is what the exchange answered; else it is suspect since it last was.

        Of an answer that is comparable. Raises ``ValueError`` for one that is no book.
        """
        differs = self.book.end_comparing(answer)
        if differs is None:
            self._equal_ts = self.book.ts
            return True
        wrong = WrongBook(f"at update {self.book.last} {differs}")
        self._break_book(wrong, recv_us, self._equal_ts)
        return False

    def _snapshot(self, snapshot: BookSnapshot, recv_us: int) -> None:
        """A whole book, or its top, from the stream itself. It stands alone, whatever came before.

        The book it replaces is sampled first where a grid point lies between. A number that goes
        back within a connection, at a later time, is a new count of the exchange's: a break, and a
        new beginning.
        """
        book = self.book
        if book.verified:
            if book.is_stale(snapshot):
                self.counts["stale"] += 1
                return
            if snapshot.last < book.last:
                back = f"the book's number went back from {book.last} to {snapshot.last}"
                self._suspect(GapCause.SEQUENCE, back, from_us(recv_us))
            else:
                self._is_sampled(snapshot.ts, recv_us)
        if not self.start_book(snapshot, recv_us):
            self.want_snapshot(self)

    def _delta(self, delta: BookDelta, recv_us: int) -> None:
        book = self.book
        if not book.verified:
            book.wait(delta)
            self.want_snapshot(self)
            return
        if not self.sampler.since <= delta.ts < self.sampler.until and not self._is_sampled(
            delta.ts, recv_us
        ):
            book.wait(delta)
            self.want_snapshot(self)
            return
        try:
            if not book.apply(delta):
                return
        except (OutOfStep, Unreadable) as error:
            self._break_book(error, recv_us)
            return
        self.book_recv = recv_us
        self._book_ledger.vouch(delta.ts)

    def _is_sampled(self, ts: int, recv_us: int) -> bool:
        """Take the samples due before an event of ``ts``; ``False``: the book cannot be right, it
        is suspect since its last good sample.
        """
        try:
            self.sampler.sample(ts, self.book_recv)
        except (Unreadable, WrongBook) as error:
            self._be_wrong(error, recv_us, self.sampler.good_ts)
            return False
        if self.book.known_share() < KNOWN_ENOUGH:
            self.want_depth(self)
        return True

    def _break_book(self, error: Wrong, recv_us: int, since: int | None = None) -> None:
        self._be_wrong(error, recv_us, since)
        self.want_snapshot(self)

    def _be_wrong(self, error: Wrong, recv_us: int, since: int | None) -> None:
        cause = GapCause.SEQUENCE if isinstance(error, OutOfStep) else GapCause.EXCHANGE
        self._suspect(cause, str(error), from_us(recv_us), since)

    def _trade(self, tick: TradeTick, recv_us: int) -> None:
        if self.trades.take(tick, recv_us):
            if tick.ts == self.trades.newest:
                self.ticker.last_price = tick.price
            self._keep("trades", trade_row(self._id, tick, recv_us))

    def _no_trade(self, tick: NoTrade, recv_us: int) -> None:
        self.trades.take(tick, recv_us)

    def _best(self, tick: BestTick, recv_us: int) -> None:
        state = self.ticker
        if is_late(state.best, tick):
            self.counts["late"] += 1
            return
        if state.best is not None and self._tickers.crossed(state.best.ts, tick.ts):
            self._keep("tickers", ticker_row(self._id, state.best, state))
        state.best, state.recv_us = tick, recv_us
        self.sampler.check.hear(tick)
        self._best_ledger.vouch(tick.ts)

    def _day(self, tick: DayTick, _recv_us: int) -> None:
        if not is_late(self.ticker.day, tick):
            self.ticker.day = tick
        self.ledger[Channel.DAY].vouch(tick.ts)

    def _mark(self, tick: MarkTick, recv_us: int) -> None:
        if not is_late(self.ticker.mark, tick):
            self.ticker.mark = tick
            self.interests.take(tick, recv_us)
        self.ledger[Channel.MARK].vouch(tick.ts)

    def _fund(self, tick: FundingTick, recv_us: int) -> None:
        before = self.last_funding
        if not is_late(before and before[0], tick):
            if before and self._funding.crossed(before[0].ts, tick.ts):
                self._keep("funding_rates", funding_row(self._id, self.market, *before))
            self.last_funding = tick, recv_us
        self.ledger[Channel.FUNDING].vouch(tick.ts)

    def _liquidation(self, tick: LiquidationTick, recv_us: int) -> None:
        self.ledger[Channel.LIQUIDATIONS].vouch(tick.ts)
        self._keep("liquidations", liquidation_row(self._id, tick, recv_us))
