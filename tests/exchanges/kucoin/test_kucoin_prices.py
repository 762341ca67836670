"""KuCoin's markets, tickers, statistics and open interest, field by field."""

from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.symbols import Registry, with_symbols
from perps_stats.core.types import Market, MarketStats, MarketStatus, OpenInterest, Ticker
from perps_stats.exchanges.kucoin import KUCOIN, rest

from ..answers import asked  # noqa: TID252 (tests are no package that could be named)
from . import venue
from .venue import (
    ALL,
    ASK_ALL,
    ASK_ONE,
    BESTS,
    BTC,
    CONTRACT,
    CONTRACTS,
    HOUR,
    INVERSE_CONTRACT,
    NOON,
    USD,
    Json,
    answer,
    at,
    best,
    listed,
    with_,
)


def test_markets_are_the_perpetuals() -> None:
    """One request; a dated contract is left out, what is not open is halted."""
    found, asks = asked(rest.markets(), answer)
    assert asks == [((CONTRACTS, {}, 3, ""),)]
    halted, trading = MarketStatus.HALTED, MarketStatus.TRADING
    assert [(each.native, each.contract, str(each.multiplier), each.status) for each in found] == [
        ("XBTUSDTM", "XBT-USDT-PERP", "1", trading),
        ("ETHUSDTM", "ETH-USDT-PERP", "1", trading),
        ("XBTUSDCM", "XBT-USDC-PERP", "1", trading),
        ("XBTUSDM", "XBT-USD-PERP", "1", trading),
        ("1000BONKUSDTM", "BONK-USDT-PERP", "1000", trading),
        ("1000CATUSDTM", "1000CAT-USDT-PERP", "1", trading),
        ("CATUSDTM", "CAT-USDT-PERP", "1", trading),
        ("ZRXUSDTM", "ZRX-USDT-PERP", "1", halted),
    ]


def test_a_linear_market_field_by_field() -> None:
    """Lots times their size wherever a quantity is told; the scales are those of tick and lot."""
    found, _ = asked(rest.markets(), answer)
    assert found[0] == Market(
        native="XBTUSDTM",
        contract="XBT-USDT-PERP",
        base="XBT",
        quote="USDT",
        settle="USDT",
        contract_size=Decimal("0.001"),
        multiplier=Decimal(1),
        price_scale=1,
        quantity_scale=3,
        tick_size=Decimal("0.1"),
        lot_size=Decimal("0.001"),
        min_order_qty=Decimal("0.001"),
        max_order_qty=Decimal(1000),
        max_leverage=Decimal(125),
        funding_interval=Decimal(8),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0006"),
    )
    ether, bonk, zrx = found[1], found[4], found[7]
    assert (ether.price_scale, ether.quantity_scale, ether.funding_interval) == (2, 2, Decimal(4))
    sizes = [(each.contract_size, each.quantity_scale) for each in (bonk, zrx)]
    assert sizes == [(Decimal(100), 0), (Decimal(10), 0)]
    assert bonk.multiplier == 1000


def test_an_inverse_market() -> None:
    """A lot is a dollar: how much coin that is depends on the price, so its steps are unknown."""
    found, _ = asked(rest.markets(), answer)
    usd = found[3]
    assert (usd.contract_size, usd.contract_value) == (None, Decimal(1))
    assert (usd.base, usd.quote, usd.settle) == ("XBT", "USD", "XBT")
    assert [usd.quantity_scale, usd.lot_size, usd.min_order_qty, usd.max_order_qty] == [None] * 4
    assert usd.price_scale == 1


def test_xbt_is_btc() -> None:
    """Under our name or theirs, bare or whole, the same market is found."""
    assert KUCOIN.aliases == {"XBT": "BTC"}
    found = with_symbols([venue.BTC, venue.USD], "kucoin", KUCOIN.quotes)
    registry = Registry(found, KUCOIN.aliases)
    for name in ("BTC", "XBT", "BTC-USDT-PERP", "XBT/USDT:USDT", "XBTUSDTM"):
        assert registry.find(name).native == "XBTUSDTM", name
    assert registry.find("BTC/USD:BTC").native == "XBTUSDM"


def test_a_bad_market_does_not_lose_the_others() -> None:
    """The row without a type is reported, with its number."""
    bad: list[Unreadable] = []
    contracts = {CONTRACTS: [{"symbol": "X"}, venue.XBT]}
    found, _ = asked(rest.markets(), partial(with_, contracts), bad)
    assert [each.native for each in found] == ["XBTUSDTM"]
    assert "row 0: " in str(bad[0])


def test_a_contract_without_a_lot_is_unreadable() -> None:
    """The multiplier is never guessed."""
    row = {name: value for name, value in venue.XBT.items() if name != "multiplier"}
    with pytest.raises(Unreadable, match="multiplier"):
        asked(rest.markets(), partial(with_, {CONTRACTS: [row]}))


TICKER = Ticker(
    exchange="kucoin",
    symbol="BTC",
    last_price=Decimal("110199.5"),
    mark_price=Decimal("110205.37"),
    index_price=Decimal("110207.22"),
    best_bid_price=Decimal("110199.4"),
    best_bid_qty=Decimal("2.767"),
    best_ask_price=Decimal("110199.5"),
    best_ask_qty=Decimal("5.368"),
    volume_24h=Decimal("5735.963"),
    turnover_24h=Decimal("635383419.4265137"),
    open_interest=Decimal("5940.782"),
    open_interest_notional=Decimal("654706078.39934"),
    price_change_24h=Decimal("-948.9"),
    price_change_pct=Decimal("-0.0085"),
    high_price_24h=Decimal("112958.8"),
    low_price_24h=Decimal("108682.5"),
    timestamp=at(5),
)
"""5940.782 BTC at 110205.37 are 654706078.39934 USDT."""


def test_all_tickers_in_two_requests() -> None:
    """Sent together, joined by name: everything but the top of the book is with the contracts."""
    found, asks = asked(rest.tickers(ALL), answer)
    assert asks == [ASK_ALL]
    assert found[0] == TICKER
    assert [each.symbol for each in found] == ["BTC", "BTC-USD-PERP"]


def test_one_ticker() -> None:
    """The contract and the top of its book, asked for together."""
    found, asks = asked(rest.ticker(BTC), answer)
    assert asks == [ASK_ONE]
    assert found == TICKER


def test_the_ticker_of_an_inverse_contract() -> None:
    """2767 dollars at 110199.4 are 0.0251090296317403 coins; volume and turnover change places."""
    found, _ = asked(rest.tickers(ALL), answer)
    ticker = found[1]
    assert ticker.best_bid_qty == Decimal("0.0251090296317403")
    assert ticker.best_ask_qty == Decimal("0.0487116547715734")
    assert (ticker.volume_24h, ticker.turnover_24h) == (Decimal("128.5"), Decimal(14_215_097))
    assert str(ticker.open_interest) == "100"
    assert ticker.open_interest_notional == 11_020_537


def test_a_market_that_one_end_point_leaves_out() -> None:
    """Without a top of the book there is none, and no time; without a contract no ticker."""
    found, _ = asked(rest.tickers(ALL), partial(with_, {BESTS: [], CONTRACTS: [venue.XBT]}))
    assert len(found) == 1
    assert [found[0].best_bid_price, found[0].best_ask_qty, found[0].timestamp] == [None] * 3
    assert found[0].last_price == 110_196


def test_a_market_that_never_traded() -> None:
    """Nulls and zeros for prices mean that there are none."""
    nothing = dict.fromkeys(("lastTradePrice", "lowPrice", "highPrice", "priceChg"))
    contracts: Json = {CONTRACTS: [listed("XBTUSDTM", "XBT") | nothing | {"markPrice": 0}]}
    bests: Json = {BESTS: [best("XBTUSDTM", price="0", bestBidPrice=None, bestBidSize=None)]}
    found, _ = asked(rest.tickers({"XBTUSDTM": BTC}), partial(with_, contracts | bests))
    ticker = found[0]
    assert ticker.last_price is ticker.mark_price is ticker.low_price_24h is None
    assert ticker.best_bid_price is ticker.best_bid_qty is ticker.open_interest_notional is None
    assert ticker.open_interest == Decimal("5940.782")


STATS = MarketStats(
    exchange="kucoin",
    symbol="BTC",
    volume_24h=Decimal("5735.963"),
    turnover_24h=Decimal("635383419.4265137"),
    open_interest=Decimal("5940.782"),
    open_value=Decimal("654706078.39934"),
    funding_rate=Decimal("-0.000076"),
    funding_interval=Decimal(8),
    next_funding_time=NOON + HOUR,
    last_price=Decimal("110199.5"),
    mark_price=Decimal("110205.37"),
    index_price=Decimal("110207.22"),
    best_bid_price=Decimal("110199.4"),
    best_ask_price=Decimal("110199.5"),
    price_change_24h=Decimal("-948.9"),
    price_change_pct=Decimal("-0.0085"),
    high_price_24h=Decimal("112958.8"),
    low_price_24h=Decimal("108682.5"),
    timestamp=at(5),
)


def test_statistics_of_one_and_of_all() -> None:
    """Open interest and funding included; the next settlement is the time, not the countdown."""
    one, asks = asked(rest.stats(BTC), answer)
    assert (one, asks) == (STATS, [ASK_ONE])
    every, asks = asked(rest.all_stats(ALL), answer)
    assert (every[0], asks) == (STATS, [ASK_ALL])
    assert len(every) == 2
    assert KUCOIN.all_stats_requests == len(asks[0])


def test_open_interest() -> None:
    """In lots on the wire; no time is told."""
    found, asks = asked(rest.open_interest(BTC), answer)
    assert asks == [((CONTRACT, {}, 3, ""),)]
    assert found == OpenInterest(
        exchange="kucoin",
        symbol="BTC",
        open_interest=Decimal("5940.782"),
        open_value=Decimal("654706078.39934"),
        timestamp=None,
    )


def test_open_interest_of_an_inverse_contract() -> None:
    """So many dollars, at the mark price so many coins; without a mark price only the dollars."""
    found, _ = asked(rest.open_interest(USD), answer)
    assert (found.open_interest, found.open_value) == (Decimal(100), Decimal(11_020_537))
    unmarked = {INVERSE_CONTRACT: venue.INVERSE | {"markPrice": None}}
    found, _ = asked(rest.open_interest(USD), partial(with_, unmarked))
    assert (found.open_interest, found.open_value) == (None, Decimal(11_020_537))
