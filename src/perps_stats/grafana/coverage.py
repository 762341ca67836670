"""*Coverage*: for how long each stream could be vouched for, and every gap."""

from perps_stats.grafana.asking import lines, table
from perps_stats.grafana.model import Dashboard, Panel
from perps_stats.grafana.panels import FRACTION, LEGEND, SECONDS, STACKED, TIME, graph, listing
from perps_stats.grafana.variables import EXCHANGE, GAPS, SIMULATED, STREAM, SYMBOL

BARS = {**STACKED, "drawStyle": "bars"}

COVERAGE = Dashboard(
    name="coverage",
    title="Perps: coverage",
    says="Verified, unverifiable, in gaps, not collected: of every stream and day, in UTC.",
    span="now-30d",
    variables=[EXCHANGE, SYMBOL, STREAM],
    annotations=[GAPS],
    panels=[
        SIMULATED,
        graph(
            "Of each day's time",
            "Verified: every message followed the one before it by the exchange's own count. "
            "Unverifiable: it counts nothing. All chosen markets and streams together.",
            lines("coverage_by_day"),
            unit=FRACTION,
            draw=BARS,
        ),
        Panel(
            title="Vouched for, by day",
            says="Of the time in which somebody listened. Empty: nobody did.",
            queries=[lines("coverage_calendar")],
            kind="status-history",
            unit=FRACTION,
            steps=None,
            defaults={
                "color": {"mode": "thresholds"},
                "thresholds": {
                    "mode": "absolute",
                    "steps": [
                        {"value": None, "color": "red"},
                        {"value": 0.99, "color": "orange"},
                        {"value": 0.9999, "color": "green"},
                    ],
                },
            },
            options={**LEGEND, "showValue": "auto", "rowHeight": 0.9},
        ),
        listing(
            "Gaps by cause",
            "Of all gaps that reach into the span, whole; an open one lasts until now.",
            table("gaps_by_cause"),
            {"seconds": SECONDS},
            width=12,
        ),
        listing(
            "By stream and day",
            "Of each stream's time. A stream is either verified or unverifiable.",
            table("coverage_table"),
            {
                "day": TIME,
                "verified": SECONDS,
                "unverifiable": SECONDS,
                "in gaps": SECONDS,
                "not collected": SECONDS,
                "share in gaps": FRACTION,
            },
            width=12,
        ),
        listing(
            "Gaps, the newest 500",
            "An open gap has no end yet. Missed: messages, where the exchange numbers them.",
            table("gaps_list"),
            {"from": TIME, "to": TIME, "seconds": SECONDS, "repaired at": TIME},
        ),
    ],
)
