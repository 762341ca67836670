"""One market's state machine: samples on the grid of exchange time, nothing from a suspect book."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import Raw

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    DayTick,
    FundingTick,
    LiquidationTick,
    MarkTick,
    TradeTick,
)
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
Rows = list[dict[str, str | None]]


class Kept:
    """What a writer would be given."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.gaps: list[Gap] = []

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        columns = DATA_SETS[data_set].columns
        self.rows.setdefault(data_set, []).append(dict(zip(columns, row, strict=True)))

    def keep_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)


@pytest.fixture(name="kept")
def what_is_kept() -> Kept:
    return Kept()


@pytest.fixture(name="feed")
def a_feed(kept: Kept) -> MarketFeed:
    feed = MarketFeed(MARKET, 7, Grids(stored=1.0), kept)
    feed.listening = True
    return feed


def raw(*levels: tuple[str, str]) -> Raw:
    return Raw(msgspec.json.encode(levels))


def start(feed: MarketFeed, ts: int = 0) -> None:
    bids, asks = raw(("100.00", "1.000"), ("99.90", "5.000")), raw(("100.10", "2.000"))
    assert feed.start_book(BookSnapshot("BTCUSDT", ts, 10, bids, asks, None), ts)


def delta(number: int, ts: int, bid: str = "1.000") -> BookDelta:
    return BookDelta("BTCUSDT", ts, number, number, number - 1, raw(("100.00", bid)), Raw(b"[]"))


def best(ts: int, bid: str = "100.00") -> BestTick:
    return BestTick("BTCUSDT", ts, 1, bid, "1.000", "100.10", "2.000")


def test_the_sample_is_the_state_before_the_grid_point(feed: MarketFeed, kept: Kept) -> None:
    """It is stamped with that state's own time; one row a crossing, whatever came between."""
    start(feed)
    feed.receive(delta(11, 400_000, "2.000"), 401_000)
    feed.receive(delta(12, 900_000, "3.000"), 901_000)
    feed.receive(delta(13, 1_100_000, "4.000"), 1_101_000)
    feed.receive(delta(14, 1_200_000, "5.000"), 1_201_000)
    (row,) = kept.rows["liquidity"]
    assert row["ts"] == "1970-01-01 00:00:00.900000+00"
    assert row["recv_ts"] == "1970-01-01 00:00:00.901000+00"
    assert row["mid_price"] == "100.05"
    # Three coins at 100.00 lie 5.0 bps below mid, five at 99.90 lie 15.0 bps below.
    assert row["bid_5bps"] == "300.00000"
    assert row["bid_20bps"] == "799.50000"
    assert row["ask_5bps"] == "200.20000"
    assert row["complete"] == "f"
    assert "orderbooks" not in kept.rows


def test_slippage_is_sampled_with_it(feed: MarketFeed, kept: Kept) -> None:
    """Seven amounts a side; what the book cannot fill has no price."""
    start(feed)
    feed.receive(delta(11, 1_100_000), 1_100_000)
    rows = kept.rows["slippage"]
    assert len(rows) == 14
    bought = next(r for r in rows if r["side"] == "buy" and r["trade_amount"] == "1000")
    assert bought["avg_price"] is None
    assert bought["max_amount"] == "200.20000"


def test_books_are_kept_on_the_coarser_grid(feed: MarketFeed, kept: Kept) -> None:
    """Every ten seconds, best first."""
    start(feed)
    feed.receive(delta(11, 9_900_000), 0)
    feed.receive(delta(12, 10_000_000), 0)
    (row,) = kept.rows["orderbooks"]
    assert row["ts"] == "1970-01-01 00:00:09.900000+00"
    assert row["bid_prices"] == "{100.00,99.90}"
    assert row["ask_quantities"] == "{2.000}"


def test_a_missing_update_opens_a_gap_and_stops_all_figures(feed: MarketFeed, kept: Kept) -> None:
    """Nothing is derived until a snapshot joins; the gap's bounds are exchange times."""
    wanted: list[MarketFeed] = []
    feed.want_snapshot = wanted.append
    start(feed)
    feed.receive(delta(11, 500_000), 0)
    feed.receive(delta(13, 700_000), 7)
    feed.receive(delta(14, 5_000_000), 0)
    assert wanted
    assert "liquidity" not in kept.rows
    bids, asks = raw(("101.00", "1.000")), raw(("102.00", "1.000"))
    assert feed.start_book(BookSnapshot("BTCUSDT", 5_100_000, 15, bids, asks, None), 0)
    opened, closed = kept.gaps
    assert (opened.start_time, opened.cause) == (from_us(500_000), GapCause.SEQUENCE)
    assert opened.end_time is None
    assert closed.end_time == from_us(5_100_000)
    feed.receive(delta(16, 6_000_000), 0)
    assert [row["ts"] for row in kept.rows["liquidity"]] == ["1970-01-01 00:00:05.100000+00"]


def test_a_crossed_book_is_suspect(feed: MarketFeed, kept: Kept) -> None:
    """No exchange can have it: no figure, a gap, a new snapshot."""
    start(feed)
    crossing = BookDelta("BTCUSDT", 500_000, 11, 11, 10, raw(("100.20", "1")), Raw(b"[]"))
    feed.receive(crossing, 0)
    feed.receive(delta(12, 1_500_000), 0)
    assert "liquidity" not in kept.rows
    assert [gap.cause for gap in kept.gaps] == [GapCause.EXCHANGE]
    assert not feed.book.verified


def test_a_hangup_finds_a_crossed_book_that_nobody_had_looked_at(
    feed: MarketFeed, kept: Kept
) -> None:
    """The gap begins where the book was last seen to be good."""
    start(feed, 100_000)
    feed.receive(delta(11, 1_100_000), 0)
    crossing = BookDelta("BTCUSDT", 1_500_000, 12, 12, 11, raw(("100.20", "1")), Raw(b"[]"))
    feed.receive(crossing, 0)
    feed.doubt(Channel.ORDERBOOK, GapCause.DISCONNECT, "", datetime.now(UTC))
    assert [gap.start_time for gap in kept.gaps] == [from_us(100_000)]


def test_a_snapshot_that_comes_after_the_hangup_is_let_go(feed: MarketFeed) -> None:
    """Nobody would tell us what changes after it."""
    feed.doubt(Channel.ORDERBOOK, GapCause.DISCONNECT, "", datetime.now(UTC))
    start(feed)
    assert not feed.book.verified


def test_a_trade_is_kept_as_it_was_said(feed: MarketFeed, kept: Kept) -> None:
    """Price and quantity are the wire's own text."""
    feed.receive(TradeTick("BTCUSDT", SECOND, "77", "100.10", "0.020", "sell", 77), 2 * SECOND)
    assert kept.rows["trades"] == [
        {
            "market_id": "7",
            "id": "77",
            "price": "100.10",
            "quantity": "0.020",
            "side": "sell",
            "ts": "1970-01-01 00:00:01.000000+00",
            "liquidation": None,
            "recv_ts": "1970-01-01 00:00:02.000000+00",
        }
    ]


def test_trades_missed_while_away_are_counted(feed: MarketFeed, kept: Kept) -> None:
    """The exchange numbers them."""
    feed.receive(TradeTick("BTCUSDT", 1, "5", "1", "1", "buy", 5), 0)
    feed.doubt(Channel.TRADES, GapCause.DISCONNECT, "lost", datetime.now(UTC))
    feed.receive(TradeTick("BTCUSDT", 9, "9", "1", "1", "buy", 9), 0)
    assert kept.gaps[-1].missed == 3


def test_a_ticker_joins_its_parts(feed: MarketFeed, kept: Kept) -> None:
    """The top of the book at its own time; a part that fell silent is null again."""
    feed.receive(TradeTick("BTCUSDT", 1, "1", "100.05", "1", "buy", 1), 0)
    feed.receive(DayTick("BTCUSDT", 1, "100", "110", "90", "5", "500", "-1", "-0.01"), 0)
    feed.receive(MarkTick("BTCUSDT", 1, "100.06", "100.07"), 0)
    feed.receive(best(9 * SECOND, "99.99"), 9 * SECOND)
    feed.receive(best(10 * SECOND), 10 * SECOND)
    (row,) = kept.rows["tickers"]
    assert row["ts"] == "1970-01-01 00:00:09.000000+00"
    assert (row["best_bid_price"], row["last_price"]) == ("99.99", "100.05")
    assert (row["mark_price"], row["index_price"]) == ("100.06", "100.07")
    assert (row["volume_24h"], row["price_change_pct"]) == ("5", "-0.01")
    assert row["open_interest"] is None
    feed.doubt(Channel.MARK, GapCause.SILENCE, "", datetime.now(UTC))
    feed.doubt(Channel.TRADES, GapCause.SILENCE, "", datetime.now(UTC))
    feed.receive(best(20 * SECOND), 0)
    assert kept.rows["tickers"][-1]["mark_price"] is None
    assert kept.rows["tickers"][-1]["last_price"] == "100"  # as the statistics tell it


def test_an_empty_side_and_an_open_value_are_kept_as_they_are(feed: MarketFeed, kept: Kept) -> None:
    """A side without a price is null; open interest in base or in quote, whichever is told."""
    feed.receive(MarkTick("BTCUSDT", 1, "100.06", open_value="5000"), 0)
    feed.receive(BestTick("BTCUSDT", 9 * SECOND, 1, None, None, "100.10", "2.000"), 0)
    feed.receive(best(10 * SECOND), 0)
    (row,) = kept.rows["tickers"]
    assert (row["best_bid_price"], row["best_bid_qty"]) == (None, None)
    assert row["best_ask_price"] == "100.10"
    assert (row["open_interest"], row["open_interest_notional"]) == (None, "5000")


def test_funding_is_sampled(feed: MarketFeed, kept: Kept) -> None:
    """The running estimate, with the settlement it is for; the interval is not guessed."""
    for second in (59, 60):
        feed.receive(FundingTick("BTCUSDT", second * SECOND, "0.0001", 3600 * SECOND), second)
    (row,) = kept.rows["funding_rates"]
    assert (row["funding_rate"], row["kind"]) == ("0.0001", "predicted")
    assert row["funding_time"] == "1970-01-01 01:00:00.000000+00"
    assert row["funding_interval"] is None
    assert row["recv_ts"] == "1970-01-01 00:00:00.000059+00"


def whole(number: int, ts: int, bid: str) -> BookSnapshot:
    bids, asks = raw((bid, "1.000")), raw(("100.10", "2.000"))
    return BookSnapshot("BTCUSDT", ts, number, bids, asks, 15, chained=True)


def test_a_stream_of_whole_books_needs_no_chain(feed: MarketFeed, kept: Kept) -> None:
    """Numbers may skip; each book replaces the one before, which is the sample of its second."""
    for number, ts, bid in ((5, 0, "99.00"), (9, 900_000, "99.50"), (20, 1_100_000, "98.00")):
        feed.receive(whole(number, ts, bid), ts)
    (row,) = kept.rows["liquidity"]
    assert (row["ts"], row["mid_price"]) == ("1970-01-01 00:00:00.900000+00", "99.80")
    assert [str(level.price) for level in feed.book.orderbook(5).bids] == ["98.00"]
    assert kept.gaps == []


def test_a_crossed_book_that_the_stream_replaces_is_not_asked_for(
    feed: MarketFeed, kept: Kept
) -> None:
    """The next whole book is there with the finding: to subscribe anew would lose some."""
    wanted: list[MarketFeed] = []
    feed.want_snapshot = wanted.append
    for number, ts, bid in ((5, 0, "99.00"), (9, 900_000, "100.20"), (20, 1_100_000, "98.00")):
        feed.receive(whole(number, ts, bid), ts)
    assert feed.book.verified
    assert wanted == []
    assert kept.gaps[-1].end_time == from_us(1_100_000)


def test_a_number_that_goes_back_is_a_break(feed: MarketFeed, kept: Kept) -> None:
    """The exchange began to count anew: a gap up to the new book, which stands."""
    feed.receive(whole(50, 1_000, "99.00"), 0)
    feed.receive(whole(3, 2_000, "98.00"), 0)
    (gap,) = kept.gaps[1:]
    assert (gap.cause, gap.start_time, gap.end_time) == (
        GapCause.SEQUENCE,
        from_us(1_000),
        from_us(2_000),
    )
    assert feed.book.verified


def test_a_chained_snapshot_is_followed_exactly(feed: MarketFeed, kept: Kept) -> None:
    """The first change after it must follow it: nothing straddles what the stream sent."""
    wanted: list[MarketFeed] = []
    feed.want_snapshot = wanted.append
    feed.receive(whole(10, 1_000, "99.00"), 0)
    feed.receive(BookDelta("BTCUSDT", 2_000, 12, 12, 8, raw(), raw()), 0)
    assert wanted == [feed]
    assert [gap.cause for gap in kept.gaps] == [GapCause.SEQUENCE]


def test_what_is_replayed_does_not_turn_the_ledger_back(feed: MarketFeed, kept: Kept) -> None:
    """Trades older than the last vouched one: the gap closes without a length."""
    feed.receive(TradeTick("BTCUSDT", 9_000, "9", "1", "1", "buy"), 0)
    feed.doubt(Channel.TRADES, GapCause.DISCONNECT, "lost", datetime.now(UTC))
    for ts in (8_000, 9_000, 11_000):
        feed.receive(TradeTick("BTCUSDT", ts, str(ts), "1", "1", "buy"), 0)
    (gap,) = kept.gaps[1:]
    assert gap.start_time == gap.end_time == from_us(9_000)
    (mark,) = feed.ledger.marks()
    assert mark.last_ts == from_us(11_000)


def test_a_liquidation_is_kept(feed: MarketFeed, kept: Kept) -> None:
    """With the forced order's own side."""
    feed.receive(LiquidationTick("BTCUSDT", 1, "9910.5", "0.014", "sell"), 0)
    (row,) = kept.rows["liquidations"]
    assert (row["price"], row["quantity"], row["side"]) == ("9910.5", "0.014", "sell")
