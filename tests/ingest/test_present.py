"""What a feed vouches for at this moment: what it last heard, and nothing once it is in doubt."""

import pytest
from msgspec import Raw, Struct, structs

from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, GapCause, Market
from perps_stats.exchanges.events import (
    BestTick,
    BookSnapshot,
    Channel,
    DayTick,
    FundingTick,
    MarkTick,
    TradeTick,
)
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.present import PRESENT, is_vouched_for

NATIVE = "BTCUSDT"
NOW = 1_772_366_400_000_000
LATER = NOW + 1_000
MARKET = Market(
    exchange="binance",
    symbol="BTC",
    native=NATIVE,
    contract="BTC-USDT-PERP",
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_scale=2,
    quantity_scale=3,
)


class Ignoring:
    """Takes what is kept, and lets it go."""

    def keep(self, data_set: str, row: tuple[str | None, ...]) -> None:
        pass

    def keep_gap(self, gap: Gap) -> None:
        pass


@pytest.fixture
def feed() -> MarketFeed:
    """One that has heard of everything."""
    heard = MarketFeed(MARKET, 7, Grids(interests=60.0), Ignoring())
    heard.listening = True
    sides = Raw(b'[["100.00","1"],["99.90","2"]]'), Raw(b'[["100.10","3"],["100.20","4"]]')
    heard.start_book(BookSnapshot(NATIVE, NOW, 11, *sides, None), LATER)
    for event in (
        BestTick(NATIVE, NOW, 11, "100.00", "1", "100.10", "3"),
        DayTick(NATIVE, NOW, high_price="120"),
        MarkTick(NATIVE, NOW, "100.05", open_interest="9"),
        FundingTick(NATIVE, NOW, "0.0001", NOW, "8"),
        TradeTick(NATIVE, NOW, "1", "100.10", "2", "buy"),
    ):
        heard.receive(event, LATER)
    return heard


def known(feed: MarketFeed, data_set: str, depth: int = 50) -> list[dict[str, object]]:
    return [structs.asdict(row) for row in PRESENT[data_set].rows(feed, depth)]


def prices(levels: object) -> list[str]:
    assert isinstance(levels, list)
    return [str(level.price) for level in levels]


def test_what_was_heard_is_known(feed: MarketFeed) -> None:
    """By the market's names, with the exchange's time and ours."""
    (ticker,) = known(feed, "tickers")
    told = [str(ticker[name]) for name in ("last_price", "mark_price", "high_price_24h")]
    assert told == ["100.10", "100.05", "120"]
    (book,) = known(feed, "orderbooks", 1)
    assert (prices(book["bids"]), prices(book["asks"])) == (["100.00"], ["100.10"])
    (funding,) = known(feed, "funding_rates")
    assert str(funding["funding_rate"]) == "0.0001"
    (interest,) = known(feed, "open_interest")
    assert str(interest["open_interest"]) == "9"
    for row in (ticker, book, funding, interest):
        assert (row["exchange"], row["symbol"]) == ("binance", "BTC")
        assert (row["timestamp"], row["recv_ts"]) == (from_us(NOW), from_us(LATER))
    assert len(known(feed, "liquidity")) == 1
    assert len(known(feed, "slippage")) > 1
    assert known(feed, "gaps") == []


@pytest.mark.parametrize(
    ("channel", "lost"),
    [
        (Channel.ORDERBOOK, {"orderbooks", "liquidity", "slippage"}),
        (Channel.BEST, {"tickers"}),
        (Channel.FUNDING, {"funding_rates"}),
        (Channel.OPEN_INTEREST, {"open_interest"}),
    ],
)
def test_what_is_in_doubt_is_nothing(feed: MarketFeed, channel: Channel, lost: set[str]) -> None:
    """And the rest stays; the gap is known instead, and the state is another."""
    before = {name: one.state(feed) for name, one in PRESENT.items()}
    feed.doubt(channel, GapCause.SILENCE, "nothing came", from_us(LATER))
    nothing = {name for name, one in PRESENT.items() if not one.rows(feed, 50)}
    assert nothing == lost
    assert {name for name in lost if PRESENT[name].state(feed) != before[name]} == lost
    (gap,) = PRESENT["gaps"].rows(feed, 50)
    assert isinstance(gap, Gap)
    assert gap.stream == channel
    assert not any(is_vouched_for(feed, name) for name in lost)


def test_a_part_of_a_ticker_that_is_in_doubt(feed: MarketFeed) -> None:
    """It is null again; the rest of the ticker is known."""
    feed.doubt(Channel.MARK, GapCause.SILENCE, "nothing came", from_us(LATER))
    (ticker,) = known(feed, "tickers")
    assert (ticker["mark_price"], str(ticker["last_price"])) == (None, "100.10")


def test_a_market_that_was_never_heard() -> None:
    """Nothing is known of it, and there is no gap either."""
    silent = MarketFeed(MARKET, 7, Grids(), Ignoring())
    rows: list[Struct] = [row for one in PRESENT.values() for row in one.rows(silent, 50)]
    assert rows == []
