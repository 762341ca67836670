"""From one connection to the next: what both bring is taken once, nothing is skipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from perps_stats.core.types import Market
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    Event,
    LiquidationTick,
    TradeTick,
)
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.handover import Handover
from perps_stats.ingest.market import MarketFeed

from .collecting import Kept

SECOND = 1_000_000
CHANNELS = [Channel.ORDERBOOK, Channel.TRADES, Channel.BEST, Channel.LIQUIDATIONS]
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native="BTCUSDT",
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)
BIDS, ASKS = Raw(b'[["100.00","1.000"]]'), Raw(b'[["100.10","2.000"]]')


def snapshot(number: int, *, chained: bool = False) -> BookSnapshot:
    return BookSnapshot("BTCUSDT", number * SECOND, number, BIDS, ASKS, None, chained)


def delta(last: int, previous: int | None = None) -> BookDelta:
    """That makes the best bid's quantity its number."""
    before = last - 1 if previous is None else previous
    bids = Raw(f'[["100.00","{last}.000"]]'.encode())
    return BookDelta("BTCUSDT", last * SECOND, before + 1, last, before, bids, Raw(b"[]"))


def trade(number: int) -> TradeTick:
    """Two of them in each millisecond."""
    return TradeTick("BTCUSDT", number // 2 * 1000, str(number), "100", "1", "buy")


def best(second: int) -> BestTick:
    return BestTick("BTCUSDT", second * SECOND, 1, "100", "1", "101", "1")


class Both:
    """A market of which the old connection has told ten updates when the new one comes."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.feed = MarketFeed(MARKET, 1, Grids(), self.kept)
        self.feed.listening = True
        self.handover = Handover({"BTCUSDT": self.feed}, CHANNELS)
        assert self.feed.start_book(snapshot(9), 0)
        self.old(delta(10))

    def old(self, *events: Event) -> None:
        for event in events:
            self.handover.from_old(self.feed, event, 0)

    def new(self, *events: Event) -> None:
        for event in events:
            self.handover.from_new(self.feed, event, 0)

    def after(self, *events: Event) -> None:
        for event in events:
            self.handover.after(self.feed, event, 0)

    def unsure(self, *, cut_short: bool = False) -> list[Channel]:
        return [channel for _, channel in self.handover.unsure(cut_short=cut_short)]

    @property
    def trades(self) -> list[int]:
        """Their ids."""
        return [int(row["id"] or 0) for row in self.kept.rows.get("trades", [])]


@pytest.fixture(name="both")
def two_connections() -> Both:
    return Both()


def test_updates_that_both_bring_are_applied_once(both: Both) -> None:
    """The new one is ahead: it takes over when the old one has told what came before its first."""
    both.new(delta(12), delta(13))
    assert both.unsure() == [Channel.ORDERBOOK]
    both.old(delta(11))
    assert both.unsure() == []
    both.handover.take_over()
    both.after(delta(14))
    assert (both.feed.book.last, both.kept.gaps) == (14, {})


def test_a_new_connection_may_be_behind(both: Both) -> None:
    """What it brings late is let go until it has caught up, also where its updates span others."""
    both.new(delta(8, previous=6))
    both.handover.take_over()
    both.after(delta(9), delta(11, previous=9), delta(12))
    assert (both.feed.book.last, both.kept.gaps) == (12, {})


def test_a_hole_in_the_new_connection_is_still_a_hole(both: Both) -> None:
    """Only its first update may straddle what is known."""
    both.new(delta(10), delta(11))
    both.handover.take_over()
    both.after(delta(13))
    assert not both.feed.book.verified
    assert [(stream, cause) for stream, cause, _ in both.kept.told] == [("orderbook", "sequence")]


def test_an_older_book_is_no_break(both: Both) -> None:
    """Where books start in the stream, the new connection's first may be older than ours is now."""
    both.new(snapshot(8, chained=True), delta(9))
    both.handover.take_over()
    both.after(snapshot(9, chained=True), delta(11, previous=9))
    assert (both.feed.book.last, both.kept.gaps) == (11, {})
    both.after(snapshot(20, chained=True))
    assert (both.feed.book.last, both.kept.gaps) == (20, {})


def test_trades_join_where_both_have_told_the_same(both: Both) -> None:
    """Of two in a millisecond the first does not prove that the second was told."""
    both.old(trade(4))
    both.new(trade(5), trade(6))
    assert both.unsure() == [Channel.TRADES]
    both.old(trade(5))
    assert both.unsure() == []
    both.handover.take_over()
    both.after(trade(7))
    assert both.trades == [4, 5, 6, 7]


def test_an_older_state_does_not_replace_a_newer_one(both: Both) -> None:
    """Nor is a liquidation kept twice, which has no id."""
    liquidation = LiquidationTick("BTCUSDT", 5 * SECOND, "100", "1", "sell")
    both.old(best(10), liquidation)
    both.new(best(9), liquidation)
    both.handover.take_over()
    both.after(best(19), best(21))
    (ticker,) = both.kept.rows["tickers"]
    assert str(ticker["ts"]).startswith("1970-01-01 00:00:19")
    assert len(both.kept.rows["liquidations"]) == 1


def test_of_a_connection_that_cut_short_nothing_is_sure_but_what_has_joined(both: Both) -> None:
    """It may have had more to tell on channels that the new one has not spoken on yet."""
    both.new(delta(11), best(11))
    assert both.unsure() == []
    assert both.unsure(cut_short=True) == [Channel.TRADES, Channel.LIQUIDATIONS]


@given(st.integers(0, 20), st.integers(0, 20), st.lists(st.booleans(), max_size=60))
def test_in_whatever_order_both_speak_nothing_is_missing_or_twice(
    begins: int, lead: int, turns: list[bool]
) -> None:
    """The new connection begins somewhere, each goes on as it likes, and one takes over at last."""
    both = Both()
    old, new = 10, begins

    def tell_old() -> None:
        nonlocal old
        old += 1
        both.old(delta(old), trade(old))

    for is_new in turns:
        if is_new:
            new += 1
            both.new(delta(new), trade(new))
        else:
            tell_old()
    while both.unsure() or old < begins:
        tell_old()
    both.handover.take_over()
    end = max(old, new) + lead
    for number in range(new + 1, end + 1):
        both.after(delta(number), trade(number))
    assert both.kept.gaps == {}
    assert both.feed.book.last == end
    assert sorted(both.trades) == list(range(min(11, begins + 1), end + 1))
