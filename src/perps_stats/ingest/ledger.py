"""The ledger of one market: how far each channel can be vouched for, and where it cannot.

A gap opens at the last vouched exchange time and closes at the next. A channel that was never
heard has no gap: its coverage has not begun.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from perps_stats.core.stored import Mark
from perps_stats.core.times import from_us, to_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import Channel


class ChannelLedger:
    """One channel of one market. ``keep`` is given each gap when it opens and when it closes."""

    def __init__(
        self, market: Market, market_id: int, channel: Channel, keep: Callable[[Gap], None]
    ) -> None:
        self._market = market
        self._market_id = market_id
        self._stream = channel.value
        self._keep = keep
        self._first = self._last = self._told = self._began = 0
        self._gap: Gap | None = None
        self._beside: list[Gap] = []

    @property
    def gap(self) -> Gap | None:
        """The open one."""
        return self._gap

    @property
    def last(self) -> int:
        """Up to when it was vouched for: microseconds of the exchange's time; 0: never."""
        return self._last

    def vouch(self, ts: int, missed: int | None = None) -> Gap | None:
        """The channel is good as of ``ts``; this ends its gap, if one is open, and returns it."""
        closed = None if self._gap is None else self._close(self._gap, ts, missed)
        if not self._first:
            self._first = ts
        if ts > self._last:  # noqa: PLR1730 no call for each message; what is replayed is older
            self._last = ts
        return closed

    def vouch_again(self, ts: int) -> None:
        """What was heard already came once more, and what follows it will come: after a reconnect
        nothing was missed. A frame that could not be read is as lost as before.
        """
        if self._gap is not None and self._gap.cause is not GapCause.EXCHANGE:
            self._close(self._gap, ts, 0)

    def _close(self, gap: Gap, ts: int, missed: int | None) -> Gap:
        self._gap = None
        end = max(from_us(ts), gap.start_time)
        closed = msgspec.structs.replace(gap, end_time=end, missed=missed)
        self._keep(closed)
        for other in self._beside:
            other_end = max(from_us(ts), other.start_time)
            self._keep(msgspec.structs.replace(other, end_time=other_end))
        self._beside.clear()
        return closed

    def repaired(self, gap: Gap, rows: int, now: datetime) -> None:
        """What a closed gap had missed came late."""
        self._keep(msgspec.structs.replace(gap, repaired_at=now, rows_recovered=rows))

    def doubt(self, cause: GapCause, detail: str, now: datetime, since: int | None = None) -> None:
        """From the last vouched time on, nothing can be said; or ``since`` an earlier one, where
        what was vouched for turns out to have been wrong. The first cause is kept.

        Two gaps never begin at one time, which is what the database knows them by: the next begins
        a microsecond later.
        """
        if self._gap is None and self._last:
            self._began = max(self._last if since is None else since, self._began + 1)
            self._gap = Gap(
                exchange=self._market.exchange,
                symbol=self._market.symbol,
                stream=self._stream,
                start_time=from_us(self._began),
                cause=cause,
                detail=detail,
                detected_at=now,
            )
            self._keep(self._gap)

    def adopt(self, gap: Gap) -> None:
        """A gap that an earlier run left open. There may be several: where what was vouched for
        turned out to have been wrong, a crash begins later than the gap that was open.
        """
        if self._gap is None:
            self._gap = gap
        else:
            self._beside.append(gap)
        self._began = max(self._began, to_us(gap.start_time))

    def mark(self) -> Mark | None:
        """How far the channel has come, if it has come further since the last call."""
        if self._told == self._last:
            return None
        self._told = self._last
        return Mark(self._market_id, self._stream, from_us(self._first), from_us(self._last))


class Ledger:
    def __init__(self, market: Market, market_id: int, keep: Callable[[Gap], None]) -> None:
        self._channels = {
            channel: ChannelLedger(market, market_id, channel, keep) for channel in Channel
        }

    def __getitem__(self, channel: Channel) -> ChannelLedger:
        return self._channels[channel]

    def marks(self) -> Iterable[Mark]:
        return (mark for channel in self._channels.values() if (mark := channel.mark()))
