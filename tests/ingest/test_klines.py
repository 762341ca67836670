"""Candles of one market: which are kept, and what proves that one is closed."""

from perps_stats.core.catalogue import KLINES
from perps_stats.core.types import Market
from perps_stats.exchanges.events import Channel, KlineTick
from perps_stats.ingest.klines import Klines
from perps_stats.ingest.ledger import Ledger

SECOND = 1_000_000
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)


class Kept:
    """What is kept of candles, and how far they are vouched for."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str | None]] = []
        ledger = Ledger(MARKET, 7, lambda _gap: None)
        self.ledger = ledger[Channel.KLINES]
        self.klines = Klines(7, self._keep, ledger)

    def _keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        assert data_set == "klines"
        self.rows.append(dict(zip(KLINES.columns, row, strict=True)))


def candle(minute: int, high: str, *, closed: bool | None = None) -> KlineTick:
    opened = minute * 60 * SECOND
    closes = opened + 60 * SECOND
    return KlineTick("BTCUSDT", "1m", opened, closes, "1", high, "1", "2", "3", None, 5, closed)


def test_only_a_closed_candle_is_kept() -> None:
    """One that still moves is not history."""
    kept = Kept()
    kept.klines.take(candle(0, "2", closed=False), 0)
    assert (kept.rows, kept.ledger.last) == ([], 0)
    kept.klines.take(candle(0, "3", closed=True), 0)
    (row,) = kept.rows
    assert (row["closed"], row["high"], row["trades"]) == ("t", "3", "5")
    assert kept.ledger.last == 60 * SECOND


def test_a_later_candle_proves_that_one_is_closed() -> None:
    """Of an exchange that does not say so; the last state of the one before is kept, once."""
    kept = Kept()
    for minute, high in ((0, "2"), (0, "3"), (1, "5"), (1, "6"), (0, "9")):
        kept.klines.take(candle(minute, high), 0)
    (row,) = kept.rows
    assert (row["high"], row["closed"]) == ("3", "t")
    assert row["ts"] == "1970-01-01 00:00:00.000000+00"
    assert kept.ledger.last == 60 * SECOND


def test_after_a_gap_the_open_candle_is_not_taken_for_whole() -> None:
    """Its last state may have been missed, so that the next candle proves nothing."""
    kept = Kept()
    kept.klines.take(candle(1, "2"), 0)
    kept.klines.forget()
    kept.klines.take(candle(2, "5"), 0)
    assert kept.rows == []
    assert kept.ledger.last == 120 * SECOND
