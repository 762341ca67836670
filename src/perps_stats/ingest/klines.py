"""Candles of one market: only a closed one is kept."""

from collections.abc import Callable

from msgspec.structs import replace

from perps_stats.core.catalogue import KLINES
from perps_stats.core.stored import Row
from perps_stats.exchanges.events import Channel, KlineTick
from perps_stats.ingest.ledger import Ledger
from perps_stats.ingest.rows import kline_row


class Klines:
    """Of an exchange that does not say when a candle is closed the next one proves it. The first
    after a gap proves nothing, as the last state of the one before may be missing.
    """

    def __init__(self, market_id: int, keep: Callable[[str, Row], None], ledger: Ledger) -> None:
        self._id = str(market_id)
        self._keep = keep
        self._ledger = ledger[Channel.KLINES]
        self._open: tuple[KlineTick, int] | None = None

    def take(self, tick: KlineTick, recv_us: int) -> None:
        if tick.closed is None:
            self._take_unmarked(tick, recv_us)
            return
        self._ledger.vouch(tick.close_ts if tick.closed else tick.open_ts)
        if tick.closed:
            self._keep(KLINES.name, kline_row(self._id, tick, recv_us))

    def _take_unmarked(self, tick: KlineTick, recv_us: int) -> None:
        before = self._open
        if before is not None and before[0].open_ts < tick.open_ts:
            closed = replace(before[0], closed=True)
            self._keep(KLINES.name, kline_row(self._id, closed, before[1]))
        if before is None or before[0].open_ts <= tick.open_ts:
            self._open = tick, recv_us
            self._ledger.vouch(tick.open_ts)

    def forget(self) -> None:
        """What comes next may be another candle: the open one is not whole."""
        self._open = None
