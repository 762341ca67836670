"""Paradex, perpetuals on Starknet, quoted in USD and settled in USDC. https://docs.paradex.trade"""

from perps_stats.exchanges.contract import Exchange, Limit, Rest
from perps_stats.exchanges.paradex import past, rest
from perps_stats.exchanges.paradex.stream import STREAM

PARADEX = Exchange(
    name="paradex",
    rest=Rest(
        url="https://api.prod.paradex.trade",
        limits={"": Limit(1500, 60)},
        refusal=rest.refusal,
        clock=rest.clock,
    ),
    quotes=("USD",),
    markets=rest.markets,
    tickers=rest.tickers,
    ticker=rest.ticker,
    orderbook=rest.orderbook,
    max_depth=rest.MAX_DEPTH,
    trades=rest.trades,
    trades_between=rest.trades_between,
    klines=past.klines,
    intervals=(*past.RESOLUTIONS, *past.AGGREGATED),
    kline_page=past.kline_page,
    has_quiet_candles=False,
    funding=rest.funding,
    funding_history=past.funding_history,
    funding_page=past.FUNDING_PAGE,
    open_interest=rest.open_interest,
    stats=rest.stats,
    all_stats=rest.all_stats,
    all_stats_requests=1,
    stream=STREAM,
)
