"""Holds what was stored against what the venues told: what a gap must cover, and what it may."""

from bisect import bisect_right
from collections import defaultdict

from msgspec import Struct
from tests.simulation.memory import column, time_of
from tests.simulation.simulation import FRAMED, Run
from tests.simulation.venue import Venue

from perps_stats.core.catalogue import DATA_SETS, KLINES, TRADES
from perps_stats.core.stored import Row
from perps_stats.core.times import from_us, to_us
from perps_stats.core.types import Gap
from perps_stats.exchanges.events import Channel, TradeTick

OF_BOOKS = ("liquidity", "slippage", "orderbooks")
MINUTE_US = 60_000_000
STALE_US = 1_000_000


class Verdict(Struct):
    """``losses`` that could be noticed, and how many of them lie in a gap; ``gaps`` and how many
    of them are of something that happened.
    """

    losses: int = 0
    listed: int = 0
    gaps: int = 0
    justified: int = 0
    unnoticed: int = 0
    trades: int = 0
    problems: list[str] = []

    @property
    def recall(self) -> float:
        return self.listed / self.losses if self.losses else 1.0

    @property
    def precision(self) -> float:
        return self.justified / self.gaps if self.gaps else 1.0


class Auditor:
    def __init__(self, run: Run) -> None:
        self.verdict = Verdict(problems=[*run.errors, *run.watch.wrong])
        self._run = run
        self._database = run.database
        self._numbers = run.database.markets
        self._begun = run.database.begun()
        self._gaps: defaultdict[tuple[str, str, str], list[Gap]] = defaultdict(list)
        for gap in run.database.gaps():
            self._gaps[gap.exchange, gap.symbol, gap.stream].append(gap)

    def audit(self) -> Verdict:
        for venue in self._run.venues.values():
            self._frames(venue)
            for market in venue.markets.values():
                self._trades(venue, market.native, market.symbol)
                self._candles(venue, market.native, market.symbol)
                self._figures(venue.name, market.symbol)
        for exchange, native, time in self._run.crossed:
            symbol = self._run.venues[exchange].markets[native].symbol
            self._lost(exchange, symbol, Channel.ORDERBOOK, time, "a crossed frame")
        for gaps in self._gaps.values():
            for gap in gaps:
                self._justify(gap)
        self.verdict.problems += self._database.contradicting
        return self.verdict

    def _complain(self, problem: str) -> None:
        self.verdict.problems.append(problem)

    def _covers(self, exchange: str, symbol: str, stream: str, first: int, last: int) -> bool:
        """Whether a gap touches the span."""
        return any(
            to_us(gap.start_time) <= last and (gap.end_time is None or to_us(gap.end_time) >= first)
            for gap in self._gaps[exchange, symbol, stream]
        )

    def _since(self, exchange: str, symbol: str, stream: str) -> int | None:
        begun = self._begun.get((self._numbers[exchange, symbol], stream))
        return None if begun is None else to_us(begun)

    def _lost(self, exchange: str, symbol: str, channel: Channel, time: int, what: str) -> None:
        if self._is_paused(exchange, symbol, channel, time):
            return
        self.verdict.losses += 1
        if self._covers(exchange, symbol, channel, time, time):
            self.verdict.listed += 1
        else:
            self._complain(f"{exchange} {symbol} {channel}: {what} of {from_us(time)} is in no gap")

    def _is_paused(self, exchange: str, symbol: str, channel: Channel, time: int) -> bool:
        """Nobody wanted it then. Who was silent since lately at the stop was not missed yet."""
        venue = self._run.venues[exchange]
        stream = self._numbers[exchange, symbol], channel
        return any(
            max(to_us(last), to_us(stopped) + venue.skew_us - venue.patience_us)
            <= time
            <= to_us(begun)
            for last, stopped, begun in self._database.pauses(stream)
        )

    def _frames(self, venue: Venue) -> None:
        """Of each topic: what was told since its coverage began, and never arrived."""
        for name, topic in venue.witness.topics.items():
            told = venue.witness.told[name]
            symbol = venue.markets[topic.native].symbol
            for channel in topic.channels:
                since = self._since(venue.name, symbol, channel)
                if channel not in FRAMED or since is None:
                    continue
                for number in range(bisect_right(told.times, since), len(told.times)):
                    if number in told.heard:
                        continue
                    if number in told.unnoticed:
                        self.verdict.unnoticed += 1
                        continue
                    self._lost(venue.name, symbol, channel, told.times[number], f"frame {number}")

    def _trades(self, venue: Venue, native: str, symbol: str) -> None:
        """Each is stored as it was told, or lies in a gap; none is stored that was not told."""
        number = str(self._numbers[venue.name, symbol])
        stored = {
            column(TRADES, row, "id"): row
            for row in self._database.rows[TRADES.name].values()
            if row[0] == number
        }
        since = self._since(venue.name, symbol, Channel.TRADES)
        told = {tick.id: tick for tick in venue.witness.trades[native]}
        self.verdict.trades += len(stored)
        for tick in told.values():
            row = stored.pop(tick.id, None)
            if row is not None:
                if not _is_told(row, tick):
                    self._complain(f"{venue.name} {symbol}: {row} is stored of {tick}")
            elif (native, tick.id) in self._run.unnoticed_trades:
                self.verdict.unnoticed += 1
            elif since is not None and tick.ts > since:
                self._lost(venue.name, symbol, Channel.TRADES, tick.ts, f"trade {tick.id}")
        begun = min((tick.ts for tick in told.values()), default=0)
        for row in stored.values():
            if to_us(time_of(TRADES, row)) > begun:
                self._complain(f"{venue.name} {symbol}: {row} was never told")

    def _candles(self, venue: Venue, native: str, symbol: str) -> None:
        """Each that was closed while the stream was covered is stored, or a gap lies in it."""
        number = str(self._numbers[venue.name, symbol])
        stored = {
            to_us(time_of(KLINES, row))
            for row in self._database.rows[KLINES.name].values()
            if row[0] == number
        }
        since = self._since(venue.name, symbol, Channel.KLINES)
        told = sorted(venue.witness.candles[native])
        for opened in told[:-1]:
            closed = opened + MINUTE_US
            if any(
                self._is_paused(venue.name, symbol, Channel.KLINES, at) for at in (opened, closed)
            ):
                continue
            if since is not None and opened > since and opened not in stored:
                self.verdict.losses += 1
                if self._covers(venue.name, symbol, Channel.KLINES, opened, closed):
                    self.verdict.listed += 1
                else:
                    self._complain(f"{venue.name} {symbol}: no candle of {from_us(opened)}, no gap")

    def _figures(self, exchange: str, symbol: str) -> None:
        """Nothing is derived within a gap of the book."""
        number = str(self._numbers[exchange, symbol])
        gaps = self._gaps[exchange, symbol, Channel.ORDERBOOK]
        for name in OF_BOOKS if gaps else ():
            for row in self._database.rows[name].values():
                time = time_of(DATA_SETS[name], row)
                if row[0] == number and any(
                    gap.start_time < time and (gap.end_time is None or time < gap.end_time)
                    for gap in gaps
                ):
                    self._complain(f"{exchange} {symbol}: {name} of {time} lies in a gap")

    def _justify(self, gap: Gap) -> None:
        """A loss or a disturbance lies between the last good frame and the next, or what told."""
        self.verdict.gaps += 1
        venue = self._run.venues[gap.exchange]
        native = next(each.native for each in venue.markets.values() if each.symbol == gap.symbol)
        topic = venue.topic_of(native, Channel(gap.stream))
        start = to_us(gap.start_time) - STALE_US
        end = to_us(gap.detected_at) + venue.skew_us + STALE_US
        if gap.end_time is not None:
            end = max(end, to_us(gap.end_time))
        told = venue.witness.told[topic]
        numbers = range(bisect_right(told.times, start), bisect_right(told.times, end))
        if any(number not in told.heard for number in numbers) or any(
            start <= each.at <= end and (each.topics is None or topic in each.topics)
            for each in self._run.disturbances
            if each.venue == gap.exchange
        ):
            self.verdict.justified += 1
        else:
            self._complain(f"no reason for {gap}")


def audit(run: Run) -> Verdict:
    return Auditor(run).audit()


def _is_told(row: Row, tick: TradeTick) -> bool:
    told = (tick.price, tick.quantity, tick.side)
    stored = tuple(column(TRADES, row, name) for name in ("price", "quantity", "side"))
    return stored == told and to_us(time_of(TRADES, row)) == tick.ts
