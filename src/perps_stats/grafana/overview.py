"""*Overview*: what is known of every market now, and the figures of a few over time."""

from perps_stats.grafana.asking import lines, table
from perps_stats.grafana.model import Dashboard
from perps_stats.grafana.panels import BPS, FRACTION, QUOTE, TIME, graph, listing
from perps_stats.grafana.variables import EXCHANGE, GAPS, SIMULATED, SYMBOL

SPREAD = (
    "(t.best_ask_price - t.best_bid_price) "
    "/ nullif((t.best_ask_price + t.best_bid_price) / 2, 0) * 10000"
)

OVERVIEW = Dashboard(
    name="overview",
    title="Perps: overview",
    says="Prices, spreads, funding, open interest and volume of perpetual futures.",
    span="now-24h",
    variables=[EXCHANGE, SYMBOL],
    annotations=[GAPS],
    panels=[
        SIMULATED,
        listing(
            "Last stored, all symbols",
            "Each figure with the exchange's own time of it. Depth in quote on either side of mid: "
            "`at least` where what is known of the book ends before 10 bps.",
            table("markets_now", of_all_symbols=True),
            {
                "spread": BPS,
                "bid 10 bps": QUOTE,
                "ask 10 bps": QUOTE,
                "funding 8 h": FRACTION,
                "open interest": QUOTE,
                "turnover 24 h": QUOTE,
                "prices at": TIME,
                "depth at": TIME,
                "funding at": TIME,
                "open interest at": TIME,
            },
        ),
        graph(
            "Last price",
            "Mean over each step, in quote per base coin.",
            lines("tickers_over_time", {"figure": "last_price", "value": "t.last_price"}),
            axis="quote per base",
        ),
        graph(
            "Spread",
            "Best ask minus best bid, in basis points of their middle: mean over each step.",
            lines("tickers_over_time", {"figure": "spread_bps", "value": SPREAD}),
            unit=BPS,
        ),
        graph(
            "Funding per 8 hours, estimated",
            "What a long would pay, were the running estimate settled.",
            lines("funding_predicted"),
            unit=FRACTION,
            decimals=4,
        ),
        graph(
            "Open interest",
            "Value of the open contracts, one side: as the exchange tells it, else at mark price.",
            lines("open_interest_over_time"),
            unit=QUOTE,
            axis="quote",
        ),
        graph(
            "Turnover of 24 hours",
            "Of the 24 hours before each moment, as the exchange tells it: mean over each step.",
            lines("tickers_over_time", {"figure": "turnover_24h", "value": "t.turnover_24h"}),
            unit=QUOTE,
            axis="quote",
            width=24,
        ),
    ],
)
