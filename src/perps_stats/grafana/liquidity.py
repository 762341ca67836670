"""*Liquidity*: how much rests near mid, what taking an amount costs, and how sure that is."""

from perps_stats.grafana.asking import lines, table
from perps_stats.grafana.model import Dashboard
from perps_stats.grafana.panels import (
    BPS,
    FLOORS_DASHED,
    FRACTION,
    QUOTE,
    STACKED,
    TIME,
    graph,
    listing,
)
from perps_stats.grafana.variables import (
    AMOUNT,
    BAND,
    EXCHANGE,
    GAPS,
    SIDE,
    SIMULATED,
    SYMBOL,
    TAKER,
)

LIQUIDITY = Dashboard(
    name="liquidity",
    title="Perps: liquidity",
    says="Value resting within a distance from mid, and the cost of taking an amount at once.",
    span="now-6h",
    variables=[EXCHANGE, SYMBOL, BAND, SIDE, TAKER, AMOUNT],
    annotations=[GAPS],
    panels=[
        SIMULATED,
        graph(
            "Depth by band",
            "In quote, of sampled books: mean over each step. Dashed: at least so much, because "
            "what is known of the book ended before the band.",
            lines("depth_over_time"),
            unit=QUOTE,
            axis="quote",
            overrides=[FLOORS_DASHED],
        ),
        graph(
            "Depth by band, mean over time",
            "In quote, weighted by how long each book stood. Dashed: at least so much.",
            lines("averages_over_time"),
            unit=QUOTE,
            axis="quote",
            overrides=[FLOORS_DASHED],
        ),
        graph(
            "Slippage by amount",
            "Average price against mid of an amount taken at once, before fees: the first sample "
            "of each step. No line: it could not be filled, or the book was in doubt.",
            lines("slippage_over_time"),
            unit=BPS,
        ),
        graph(
            "How sure the means are",
            "Of the sampled time of the chosen markets: all bands exact, some a floor, or left out "
            "because the book was in doubt.",
            lines("averages_quality"),
            unit=FRACTION,
            draw=STACKED,
        ),
        listing(
            "Depth by band, last stored",
            "In quote. `at least` where what is known of the book ends before the band.",
            table("depth_now"),
            {"band": BPS, "depth": QUOTE, "book at": TIME},
            width=12,
        ),
        listing(
            "Slippage by amount, last stored",
            "Where it is not filled: the most that is; `at least` where more may lie deeper.",
            table("slippage_now"),
            {"amount": QUOTE, "slippage": BPS, "most that fills": QUOTE, "book at": TIME},
            width=12,
        ),
    ],
)
