"""KuCoin futures. https://www.kucoin.com/docs-new/rest/futures-trading/introduction"""

from perps_stats.exchanges.contract import Exchange, Limit, Rest
from perps_stats.exchanges.kucoin import past, rest
from perps_stats.exchanges.kucoin.stream import STREAM

LIMIT = Limit(2000, 30, left_header="gw-ratelimit-remaining", reset_header="gw-ratelimit-reset")

KUCOIN = Exchange(
    name="kucoin",
    rest=Rest(
        url="https://api-futures.kucoin.com",
        limits={"": LIMIT},
        refusal=rest.refusal,
        clock=rest.clock,
    ),
    quotes=("USDT", "USDC", "USD"),
    aliases={"XBT": "BTC"},
    markets=rest.markets,
    tickers=rest.tickers,
    ticker=rest.ticker,
    orderbook=rest.orderbook,
    max_depth=rest.WHOLE,
    book_snapshot=rest.book_snapshot,
    trades=rest.trades,
    newest_trades=rest.NEWEST_TRADES,
    klines=past.klines,
    intervals=tuple(past.GRANULARITIES),
    kline_page=lambda _: past.KLINE_PAGE,
    has_quiet_candles=False,
    funding=past.funding,
    funding_history=past.funding_history,
    funding_page=past.FUNDING_PAGE,
    open_interest=rest.open_interest,
    stats=rest.stats,
    all_stats=rest.all_stats,
    all_stats_requests=2,
    stream=STREAM,
)
