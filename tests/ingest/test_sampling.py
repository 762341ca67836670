"""Samples of one live book: in memory each second, stored more rarely, averaged in between."""

from decimal import Decimal

import msgspec
import pytest
from msgspec import Raw

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import BestTick, BookDelta, BookSnapshot
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed

SECOND = 1_000_000
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


class Tape:
    """A feed that stores each ten seconds, and what a writer would be given."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str | None]]] = {}
        self.gaps: list[Gap] = []
        self.feed = MarketFeed(MARKET, 7, Grids(), self)
        self.feed.listening = True
        self.number = 10

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        columns = DATA_SETS[data_set].columns
        self.rows.setdefault(data_set, []).append(dict(zip(columns, row, strict=True)))

    def keep_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def start(self, second: float, size: str = "1") -> None:
        """One level a side, 5 bps from a mid of 100.05; so much is bid."""
        self.number += 1
        bids, asks = raw("100.00", size), raw("100.10", "1")
        snapshot = BookSnapshot("BTCUSDT", us(second), self.number, bids, asks, None)
        self.feed.start_book(snapshot, us(second))

    def change(self, second: float, size: str, price: str = "100.00") -> None:
        """So much is bid now."""
        self.number += 1
        last = self.number
        delta = BookDelta("BTCUSDT", us(second), last, last, last - 1, raw(price, size), Raw(b"[]"))
        self.feed.receive(delta, us(second))

    def best(self, second: float, bid: str) -> None:
        tick = BestTick("BTCUSDT", us(second), None, bid, "1", "100.10", "1")
        self.feed.receive(tick, us(second))

    def times(self, data_set: str) -> list[str]:
        """Seconds of 1970, as the rows tell them."""
        return [str(row["ts"])[14:22] for row in self.rows.get(data_set, [])]


def raw(price: str, size: str) -> Raw:
    return Raw(msgspec.json.encode([(price, size)]))


def us(second: float) -> int:
    return round(second * SECOND)


@pytest.fixture(name="tape")
def a_tape() -> Tape:
    return Tape()


def bid_of(tape: Tape) -> Decimal | None:
    assert tape.feed.live is not None
    return tape.feed.live.depth.bid_5bps


def test_the_last_second_is_in_memory(tape: Tape) -> None:
    """Figures and slippages of the state before the second, with its own time; none is stored."""
    tape.start(0.2)
    assert bid_of(tape) == 100
    tape.change(0.7, "2")
    tape.change(0.9, "3")
    assert bid_of(tape) == 100
    tape.change(1.1, "4")
    assert bid_of(tape) == 300
    assert tape.feed.live is not None
    assert tape.feed.live.depth.timestamp == from_us(us(0.9))
    assert len(tape.feed.live.slippages) == 14
    assert tape.rows == {}


def test_one_in_ten_is_stored(tape: Tape) -> None:
    """The last state before each tenth second; a quiet book gives none twice."""
    tape.start(8.5)
    for second in (9.2, 9.9, 10.3, 11.4, 35.0, 36.0):
        tape.change(second, "1")
    assert tape.times("liquidity") == ["00:09.90", "00:11.40"]
    assert tape.times("orderbooks") == ["00:09.90", "00:11.40"]
    assert len(tape.rows["slippage"]) == 2 * 14


def test_a_window_is_averaged(tape: Tape) -> None:
    """The samples of each second, from their own time to that of the next: 1 coin for 4 s, 2 for 6
    s; bids of 100 each. The book is whole, so that all is exact.
    """
    tape.start(0)
    tape.change(4, "2")
    tape.change(10, "3")
    tape.change(11, "3")
    (row,) = tape.rows["liquidity_averages"]
    assert row["ts"] == "1970-01-01 00:00:00.000000+00"
    assert row["bid_5bps"] == "160.00000"
    assert row["mid_price"] == "100.05"
    assert row["spread_bps"] == "9.99500250"
    told = [row[f"{kind}_seconds"] for kind in ("exact", "floor", "suspect")]
    assert told == ["0", "10", "0"]  # nobody knows what lies beyond one level a side


def test_a_break_leaves_its_time_out(tape: Tape) -> None:
    """From the last update before it to the snapshot after it: what the gap says, and no more."""
    tape.start(0)
    tape.change(3, "2")
    tape.number += 1
    tape.change(4, "2")
    assert tape.feed.live is None
    tape.start(7, "3")
    assert bid_of(tape) == 300
    tape.change(10.5, "3")
    tape.change(11.5, "3")
    (row,) = tape.rows["liquidity_averages"]
    assert row["suspect_seconds"] == "4"
    assert [tape.gaps[-1].start_time, tape.gaps[-1].end_time] == [from_us(us(3)), from_us(us(7))]
    # 1 coin for 3 s (the second sample was never due), then 3 coins for 3 s.
    assert row["bid_5bps"] == "200.00000"
    assert tape.times("liquidity") == ["00:07.00"]


def test_a_crossed_book_is_suspect_since_its_last_good_sample(tape: Tape) -> None:
    """It is noticed at the next sample at the latest; nothing is made of what lies between."""
    tape.start(8.5)
    tape.change(9.1, "2")
    tape.change(9.4, "1", price="100.20")
    tape.change(9.6, "5")
    tape.change(10.2, "6")
    (gap,) = tape.gaps
    assert (gap.start_time, gap.end_time) == (from_us(us(8.5)), None)
    assert gap.cause is GapCause.EXCHANGE
    assert gap.detail == "the book is crossed at update 14"
    assert tape.rows == {}
    assert tape.feed.live is None


def test_a_crossed_snapshot_is_no_beginning(tape: Tape) -> None:
    """Another is asked for."""
    bids, asks = raw("100.20", "1"), raw("100.10", "1")
    assert not tape.feed.start_book(BookSnapshot("BTCUSDT", 1, 1, bids, asks, None), 1)
    assert not tape.feed.book.verified


def test_what_the_told_top_speaks_against_is_not_stored(tape: Tape) -> None:
    """It waits for a sample that agrees: rows, and what is in memory."""
    tape.start(9.0)
    tape.best(9.8, "99.00")
    tape.change(9.9, "2")
    tape.change(10.1, "3")
    assert tape.feed.live is None
    assert tape.rows == {}
    tape.best(10.5, "100.00")
    tape.change(11.2, "4")
    assert tape.times("liquidity") == ["00:10.10"]
    assert bid_of(tape) == 300


def test_a_top_that_differs_for_good_breaks_the_book(tape: Tape) -> None:
    """Since they last agreed: none of the rows lies in the gap, and another book is asked for."""
    wanted: list[MarketFeed] = []
    tape.feed.want_snapshot = wanted.append
    tape.start(8.0)
    tape.best(8.9, "100.00")
    for second in range(9, 24):
        tape.best(second + 0.5, "100.00" if second < 11 else "99.00")
        tape.change(second + 0.6, str(second))
    (gap,) = tape.gaps
    assert (gap.start_time, gap.cause) == (from_us(us(11.6)), GapCause.EXCHANGE)
    assert gap.detail is not None
    assert "the exchange tells 99.00" in gap.detail
    assert wanted == [tape.feed] * len(wanted) != []
    assert tape.times("liquidity") == ["00:09.60"]


def test_a_stale_book_from_the_stream_is_let_go(tape: Tape) -> None:
    """By its number and its time: what is known stays."""
    tape.start(5, "2")
    old = BookSnapshot("BTCUSDT", us(4), 3, raw("90.00", "1"), raw("91.00", "1"), None, True)  # noqa: FBT003
    tape.feed.receive(old, us(5))
    assert tape.feed.counts == {"stale": 1}
    assert tape.gaps == []
    assert str(tape.feed.book.orderbook(1).bids[0].price) == "100.00"


def test_a_market_that_retires_leaves_no_gap(tape: Tape) -> None:
    """Nothing is averaged of the time until it comes back, if it does."""
    tape.start(0)
    tape.feed.retire()
    assert tape.gaps == []
    tape.feed.listening = True
    tape.start(15)
    tape.change(31, "1")
    tape.change(32, "1")
    told = [row["suspect_seconds"] for row in tape.rows["liquidity_averages"]]
    assert told == ["10", "5", "0"]


def test_a_stored_book_has_only_levels_of_which_none_is_missing() -> None:
    """Beyond the edge of its snapshot others may stand that nobody told; where the price has left
    what is known, there is no book to store.
    """
    tape = Tape()
    bids, asks = Raw(b'[["100.00","1"],["99.90","1"]]'), Raw(b'[["100.10","1"],["100.20","1"]]')
    tape.feed.start_book(BookSnapshot("BTCUSDT", us(1), 10, bids, asks, 2), us(1))
    for second, price, size in ((2, "99.00", "5"), (12, "100.00", "0"), (22, "99.90", "0")):
        tape.change(second, size, price)
    tape.change(32, "6", "99.00")
    told = [(row["ts"], row["bid_prices"]) for row in tape.rows["orderbooks"]]
    assert told == [
        ("1970-01-01 00:00:02.000000+00", "{100.00,99.90}"),
        ("1970-01-01 00:00:12.000000+00", "{99.90}"),
    ]
