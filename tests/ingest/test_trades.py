"""The trades of a market: each once, and every hole in their numbers told."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import Channel, NoTrade, TradeTick
from perps_stats.ingest.ledger import ChannelLedger
from perps_stats.ingest.trades import IDS_US, TradeSequence

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


class Tape:
    """A sequence, and the gaps as they are told: the last word on each."""

    def __init__(self) -> None:
        self.told: list[Gap] = []
        self.ledger = ChannelLedger(MARKET, 7, Channel.TRADES, self.told.append)
        self.trades = TradeSequence(self.ledger)

    def take(self, number: int, ts: int | None = None) -> bool:
        """A trade of this number, a millisecond a number unless a time is given."""
        at = number * 1_000 if ts is None else ts
        return self.trades.take(TradeTick("BTCUSDT", at, str(number), "1", "1", "buy", number), 0)

    def named(self, name: str, ts: int) -> bool:
        """A trade that has an id alone."""
        return self.trades.take(TradeTick("BTCUSDT", ts, name, "1", "1", "buy"), 0)

    @property
    def gaps(self) -> list[Gap]:
        return list({gap.start_time: gap for gap in self.told}.values())


def test_a_jump_in_the_number_is_a_gap_that_is_closed_at_once() -> None:
    """From the time of the last trade to that of the next, with how many never came."""
    tape = Tape()
    assert [tape.take(number) for number in (5, 6, 10)] == [True, True, True]
    (gap,) = tape.gaps
    assert (gap.start_time, gap.end_time) == (from_us(6_000), from_us(10_000))
    assert (gap.cause, gap.missed) == (GapCause.SEQUENCE, 3)
    assert gap.detail == "trade 6 was followed by 10"


def test_a_number_that_repeats_is_let_go_and_counted() -> None:
    """As while two connections bring the same trades: each is new once, and nothing is missed."""
    tape = Tape()
    order = [1, 2, 3, 2, 3, 4, 4, 5]
    assert [tape.take(number) for number in order] == [
        True, True, True, False, False, True, False, True,
    ]  # fmt: skip
    assert tape.trades.counts == {"duplicates": 3}
    assert tape.gaps == []


def test_what_comes_late_is_kept_and_its_gap_is_repaired() -> None:
    """Each late trade is new once; the gap says how many came after all, once all did."""
    tape = Tape()
    assert [tape.take(number) for number in (1, 4, 3, 3, 2)] == [True, True, True, False, True]
    (gap,) = tape.gaps
    assert (gap.missed, gap.rows_recovered) == (2, 2)
    assert gap.repaired_at is not None
    assert tape.trades.counts == {"late": 2, "duplicates": 1}


def test_trades_of_before_the_first_are_kept() -> None:
    """They were never seen, whatever their number."""
    tape = Tape()
    assert [tape.take(number) for number in (7, 6, 6)] == [True, True, False]
    assert tape.gaps == []


def test_what_was_no_trade_takes_its_number() -> None:
    """The insurance fund's own deals are counted by the exchange: no hole."""
    tape = Tape()
    tape.take(1)
    tape.trades.take(NoTrade("BTCUSDT", 2_000, 2, "INSURANCE_FUND"), 0)
    assert tape.take(3)
    assert tape.gaps == []


def test_a_count_that_begins_anew_is_a_break_and_not_a_repetition() -> None:
    """A smaller number at a later time: nothing says what lies between, and nothing is dropped."""
    tape = Tape()
    tape.take(500, 1_000)
    assert tape.take(1, 2_000)
    assert tape.take(2, 3_000)
    (gap,) = tape.gaps
    assert (gap.start_time, gap.end_time) == (from_us(1_000), from_us(2_000))
    assert (gap.cause, gap.missed) == (GapCause.SEQUENCE, None)


def test_a_hole_of_a_disconnect_is_told_once() -> None:
    """The gap keeps its cause, and says how many were missed."""
    tape = Tape()
    tape.take(1)
    tape.ledger.doubt(GapCause.DISCONNECT, "lost", NOW)
    tape.take(5)
    (gap,) = tape.gaps
    assert (gap.cause, gap.missed) == (GapCause.DISCONNECT, 3)


def test_an_id_that_repeats_is_let_go() -> None:
    """Where the exchange does not count its trades; ids are forgotten after a minute of them."""
    tape = Tape()
    assert tape.named("a", 1_000)
    assert not tape.named("a", 1_000)
    assert tape.named("b", 1_001 + IDS_US)
    assert tape.named("a", 1_000)
    assert tape.trades.counts == {"duplicates": 1}


def test_a_repetition_after_a_reconnect_proves_that_nothing_was_missed() -> None:
    """What follows it will come: the gap has no length. An unreadable frame stays lost."""
    tape = Tape()
    tape.named("a", 1_000)
    tape.ledger.doubt(GapCause.DISCONNECT, "lost", NOW)
    tape.named("a", 1_000)
    assert tape.gaps[0].end_time == tape.gaps[0].start_time == from_us(1_000)
    tape.ledger.doubt(GapCause.EXCHANGE, "unreadable", NOW)
    tape.named("a", 1_000)
    assert tape.gaps[1].end_time is None
    tape.named("b", 3_000)
    assert tape.gaps[1].end_time == from_us(3_000)


@given(
    lost=st.sets(st.integers(2, 29)),
    twice=st.sets(st.integers(1, 30)),
    swaps=st.sets(st.integers(1, 29)),
)
def test_every_trade_is_kept_once_or_lies_in_a_gap(
    lost: set[int], twice: set[int], swaps: set[int]
) -> None:
    """Whatever is dropped, doubled or swapped: what came is new once; what never came lies in a
    gap that was not repaired; where nothing was lost every gap is repaired.
    """
    tape = Tape()
    sent = list(range(1, 31))
    for place in sorted(swaps):
        sent[place - 1], sent[place] = sent[place], sent[place - 1]
    sent = [number for number in sent if number not in lost for _ in range(1 + (number in twice))]
    kept = [number for number in sent if tape.take(number)]
    assert sorted(kept) == sorted(set(sent))
    opened = [gap for gap in tape.gaps if gap.repaired_at is None]
    between = {number for number in lost if sent[0] < number < max(sent)}
    for number in between:
        at = from_us(number * 1_000)
        assert any(gap.end_time and gap.start_time <= at <= gap.end_time for gap in opened)
    assert between or opened == []
