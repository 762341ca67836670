"""Binance USD-margined futures. https://developers.binance.com/docs/derivatives/usds-margined-futures"""

from perps_stats.exchanges.binance import past, rest
from perps_stats.exchanges.binance.stream import STREAM
from perps_stats.exchanges.contract import Exchange, Limit, Rest

INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w")

BINANCE = Exchange(
    name="binance",
    rest=Rest(
        url="https://fapi.binance.com",
        limits={
            "": Limit(2400, 60, "X-MBX-USED-WEIGHT-1M"),
            "funding": Limit(500, 300),
            "interest": Limit(1000, 300),
        },
        refusal=rest.refusal,
        clock=rest.clock,
    ),
    quotes=("USDT", "USDC"),
    markets=rest.markets,
    tickers=rest.tickers,
    ticker=rest.ticker,
    orderbook=rest.orderbook,
    max_depth=rest.MAX_DEPTH,
    book_snapshot=rest.book_snapshot,
    trades=rest.trades,
    newest_trades=rest.ROWS,
    aggregated_trades=past.aggregated_trades,
    fills=past.fills,
    klines=past.klines,
    intervals=INTERVALS,
    kline_page=lambda _: past.KLINE_PAGE,
    funding=rest.funding,
    funding_history=past.funding_history,
    funding_page=past.FUNDING_PAGE,
    open_interest=rest.open_interest,
    interest_history=past.interest_history,
    interest_page=past.INTEREST_PAGE,
    interest_step=past.INTEREST_STEP,
    interest_kept=past.INTEREST_KEPT,
    stats=rest.stats,
    all_stats=rest.all_stats,
    all_stats_requests=4,
    stream=STREAM,
)
