"""A figure as a Vega-Lite specification: https://vega.github.io/vega-lite/docs/"""

import json
from collections.abc import Sequence

from perps_stats.cli.charts import marks, scales
from perps_stats.cli.charts.figure import Figure, Panel, minute
from perps_stats.cli.charts.marks import Axes, Spec
from perps_stats.cli.charts.theme import CONFIG, FAINT, TEXT, colour_of
from perps_stats.core.times import to_ms

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""A name, not an address: nothing is loaded from it."""
TICK = 80
"""Pixels that a time needs, with room around it."""
MINOR = 3
"""Minor panels have this part of the height."""


def spec(figure: Figure, known: Sequence[str], width: int, height: int) -> Spec:
    """``known`` are all exchanges, whose place gives them their colours; pixels of a panel."""
    return {
        "$schema": SCHEMA,
        "config": CONFIG,
        "usermeta": {"embedOptions": {"actions": {"export": True, "editor": False}}},
        "title": _title(figure),
        "padding": 16,
        "spacing": 12,
        "vconcat": [
            {
                "title": panel.title,
                "width": width,
                "height": height // MINOR if panel.minor else height,
                "layer": marks.layers(panel, _axes(panel, figure, known, width)),
            }
            for panel in figure.panels
        ],
    }


def _title(figure: Figure) -> Spec:
    marked = [f"SIMULATED DATA: {', '.join(figure.simulated)}"] if figure.simulated else []
    span = f"{minute(figure.start)} to {minute(figure.end)} UTC"
    return {
        "text": [figure.title, *marked],
        "subtitle": [f"{', '.join(figure.exchanges)}; {span}", *figure.notes],
        "fontSize": 17,
        "color": TEXT,
        "subtitleColor": FAINT,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 14,
    }


def _axes(panel: Panel, figure: Figure, known: Sequence[str], width: int) -> Axes:
    moments = scales.times(figure.start, figure.end, max(width // TICK, 2))
    ticks = {to_ms(time): label for time, label in moments}
    names = list(figure.exchanges)
    return Axes(
        time={
            "type": "temporal",
            "scale": {"type": "utc", "domain": [to_ms(figure.start), to_ms(figure.end)]},
            "axis": {
                "values": list(ticks),
                "labelExpr": f"{json.dumps(ticks)}[time(datum.value)]",
                "title": "time, UTC",
            },
        },
        value={
            "type": "quantitative",
            "scale": {"zero": panel.from_zero},
            "axis": {"title": panel.unit, "tickCount": 4 if panel.minor else 6},
        },
        colour={
            "field": "exchange",
            "type": "nominal",
            "scale": {"domain": names, "range": [colour_of(name, known) for name in names]},
            "legend": {"title": None, "symbolOpacity": 1},
        },
    )
