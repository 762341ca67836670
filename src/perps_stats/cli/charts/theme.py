"""How pictures look: light, few lines, a colour for each exchange wherever it is shown."""

from collections.abc import Sequence

COLOURS = (
    *("#b7791f", "#1a936f", "#2563eb", "#7c3aed", "#db2777"),
    *("#0891b2", "#65a30d", "#475569", "#c2410c", "#9f1239"),
)
"""Told apart on white, also by who sees red and green alike, up to as many exchanges."""
RISING, FALLING = "#1a936f", "#d1495b"
SHADE = "#64748b"
TEXT, FAINT, GRID = "#1f2933", "#52606d", "#e4e7eb"
FONT = "Liberation Sans, Arial, sans-serif"
CONFIG: dict[str, object] = {
    "aria": False,
    "background": "white",
    "font": FONT,
    "view": {"stroke": GRID},
    "title": {"color": TEXT, "anchor": "start", "fontSize": 13, "fontWeight": "bold"},
    "axis": {
        "gridColor": GRID,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "labelColor": FAINT,
        "titleColor": FAINT,
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 11,
    },
    "legend": {
        "labelColor": TEXT,
        "titleColor": FAINT,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "orient": "top",
        "symbolStrokeWidth": 3,
    },
}


def colour_of(exchange: str, known: Sequence[str]) -> str:
    """The same in every chart; ``known`` are all exchanges, in their order."""
    place = known.index(exchange) if exchange in known else len(known)
    return COLOURS[place % len(COLOURS)]
