"""Lighter, a zero-knowledge rollup's perpetuals. https://apidocs.lighter.xyz"""

from perps_stats.exchanges.contract import Exchange, Limit, Rest
from perps_stats.exchanges.lighter import past, rest
from perps_stats.exchanges.lighter.stream import STREAM

INTERVALS = ("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d", "1w")

LIGHTER = Exchange(
    name="lighter",
    rest=Rest(
        url="https://mainnet.zklighter.elliot.ai",
        limits={"": Limit(60, 60)},
        refusal=rest.refusal,
        clock=rest.clock,
    ),
    quotes=("USDC",),
    markets=rest.markets,
    tickers=rest.tickers,
    ticker=rest.ticker,
    orderbook=rest.orderbook,
    max_depth=rest.MAX_ORDERS,
    trades=rest.trades,
    newest_trades=rest.MAX_TRADES,
    klines=past.klines,
    intervals=INTERVALS,
    kline_page=lambda _: past.KLINE_PAGE,
    has_quiet_candles=False,
    funding=rest.funding,
    funding_history=past.funding_history,
    funding_page=past.FUNDING_PAGE,
    open_interest=rest.open_interest,
    stats=rest.stats,
    all_stats=rest.all_stats,
    all_stats_requests=2,
    stream=STREAM,
)
