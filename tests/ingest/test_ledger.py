"""The ledger of gaps: from the last vouched time to the next, with its first cause."""

from datetime import UTC, datetime

import msgspec

from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import Channel
from perps_stats.ingest.ledger import Ledger

MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def a_ledger() -> tuple[Ledger, list[Gap]]:
    kept: list[Gap] = []
    return Ledger(MARKET, 7, kept.append), kept


def test_a_gap_opens_at_the_last_vouched_time_and_closes_at_the_next() -> None:
    """It is kept when it opens, so that a crash cannot hide it, and again when it closes."""
    ledger, kept = a_ledger()
    trades = ledger[Channel.TRADES]
    trades.vouch(1_000_000)
    trades.doubt(GapCause.DISCONNECT, "lost", NOW)
    opened = Gap(
        exchange="binance",
        symbol="BTC",
        stream="trades",
        start_time=from_us(1_000_000),
        cause=GapCause.DISCONNECT,
        detail="lost",
        detected_at=NOW,
    )
    assert kept == [opened]
    trades.vouch(3_000_000, missed=4)
    closed = msgspec.structs.replace(opened, end_time=from_us(3_000_000), missed=4)
    assert kept == [opened, closed]


def test_what_was_never_heard_has_no_gap() -> None:
    """Its coverage has not begun."""
    ledger, kept = a_ledger()
    ledger[Channel.MARK].doubt(GapCause.SILENCE, "nothing came", NOW)
    assert kept == []


def test_the_first_cause_is_kept() -> None:
    """A disconnect in the middle of a silence is the same hole."""
    ledger, kept = a_ledger()
    book = ledger[Channel.ORDERBOOK]
    book.vouch(1)
    book.doubt(GapCause.SEQUENCE, "a", NOW)
    book.doubt(GapCause.DISCONNECT, "b", NOW)
    assert [gap.cause for gap in kept] == [GapCause.SEQUENCE]


def test_an_earlier_run_left_a_gap_open() -> None:
    """It is closed by the first event of this run."""
    ledger, kept = a_ledger()
    left = Gap(
        exchange="binance",
        symbol="BTC",
        stream="trades",
        start_time=from_us(5),
        cause=GapCause.CRASH,
        detected_at=NOW,
    )
    ledger[Channel.TRADES].adopt(left)
    ledger[Channel.TRADES].vouch(9)
    assert kept == [msgspec.structs.replace(left, end_time=from_us(9))]


def test_all_that_an_earlier_run_left_open_ends_with_the_next_vouched_time() -> None:
    """A book that was wrong before the crash left two: the one of the crash begins later."""
    ledger, kept = a_ledger()
    left = [
        Gap(
            exchange="binance",
            symbol="BTC",
            stream="orderbook",
            start_time=from_us(start),
            cause=cause,
            detected_at=NOW,
        )
        for start, cause in ((2, GapCause.EXCHANGE), (5, GapCause.CRASH))
    ]
    for gap in left:
        ledger[Channel.ORDERBOOK].adopt(gap)
    ledger[Channel.ORDERBOOK].vouch(9)
    assert kept == [msgspec.structs.replace(gap, end_time=from_us(9)) for gap in left]
    ledger[Channel.ORDERBOOK].vouch(10)
    assert len(kept) == 2


def test_a_stream_that_begins_again_earlier_leaves_an_empty_gap() -> None:
    """A replayed recording repeats what was seen: nothing is missing, the end is the start."""
    ledger, kept = a_ledger()
    trades = ledger[Channel.TRADES]
    trades.vouch(9_000_000)
    trades.doubt(GapCause.DISCONNECT, "lost", NOW)
    trades.vouch(2_000_000)
    assert kept[-1].end_time == from_us(9_000_000)


def test_marks_tell_news_only() -> None:
    """How far a channel has come, once."""
    ledger, _ = a_ledger()
    ledger[Channel.TRADES].vouch(1)
    ledger[Channel.TRADES].vouch(5)
    (mark,) = ledger.marks()
    assert (mark.market_id, mark.stream) == (7, "trades")
    assert (mark.first_ts, mark.last_ts) == (from_us(1), from_us(5))
    assert list(ledger.marks()) == []


def test_two_gaps_never_begin_at_one_time() -> None:
    """The database knows them by their beginning: the second begins a microsecond later."""
    ledger, kept = a_ledger()
    trades = ledger[Channel.TRADES]
    trades.vouch(1_000)
    for _ in range(3):
        trades.doubt(GapCause.DISCONNECT, "lost", NOW)
        trades.vouch(1_000)
    starts = [gap.start_time for gap in kept if gap.end_time is None]
    assert starts == [from_us(1_000), from_us(1_001), from_us(1_002)]
