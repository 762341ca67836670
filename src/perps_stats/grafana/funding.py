"""*Funding*: what it pays by symbol and exchange, what it paid, and how good the estimates were."""

from perps_stats.grafana.asking import lines, table
from perps_stats.grafana.model import Dashboard
from perps_stats.grafana.panels import BPS, FRACTION, POINTS, SECONDS, TIME, graph, listing, matrix
from perps_stats.grafana.variables import EXCHANGE, GAPS, KIND, SIMULATED, SYMBOL

FUNDING = Dashboard(
    name="funding",
    title="Perps: funding",
    says="Rates in terms that compare: per 8 hours. A long pays what is above zero.",
    span="now-7d",
    variables=[EXCHANGE, SYMBOL, KIND],
    annotations=[GAPS],
    panels=[
        SIMULATED,
        matrix(
            "Per 8 hours, by symbol and exchange",
            "The last stored rate of the chosen kinds, of all symbols. None where the exchange has "
            "no such market, or its interval is not known.",
            table("funding_matrix", of_all_symbols=True),
            rows="symbol",
            columns="exchange",
            figures="funding_8h",
            unit=FRACTION,
        ),
        graph(
            "Settled, per 8 hours",
            "One point for each settlement, at the exchange's time.",
            lines("funding_settled"),
            unit=FRACTION,
            draw=POINTS,
            decimals=4,
        ),
        graph(
            "Estimated, per 8 hours",
            "What a long would pay, were the running estimate settled: mean over each step.",
            lines("funding_predicted"),
            unit=FRACTION,
            decimals=4,
        ),
        listing(
            "Last stored",
            "The rate is a fraction per interval; a year is 8,760 hours, without compounding.",
            table("funding_now"),
            {
                "rate": FRACTION,
                "interval": "h",
                "per hour": FRACTION,
                "8 h": FRACTION,
                "year": FRACTION,
                "settles": TIME,
                "told at": TIME,
            },
        ),
        listing(
            "Settled against estimated",
            "Each settlement and the last estimate of it that was stored before: within its "
            "interval, and of no other settlement where the exchange says of which.",
            table("funding_error"),
            {
                "time": TIME,
                "settled": FRACTION,
                "estimated": FRACTION,
                "difference": BPS,
                "estimated before": SECONDS,
            },
        ),
    ],
)
