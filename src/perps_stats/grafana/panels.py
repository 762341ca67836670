"""The kinds of panels that the dashboards have: what all of a kind look like."""

from collections.abc import Mapping, Sequence

from perps_stats.grafana.model import Json, Object, Panel, Query

LEGEND: Mapping[str, Json] = {
    "legend": {
        "displayMode": "list",
        "placement": "bottom",
        "showLegend": True,
        "calcs": [],
    },
    "tooltip": {"mode": "multi", "sort": "desc"},
}
LINE: Mapping[str, Json] = {
    "drawStyle": "line",
    "lineWidth": 1,
    "showPoints": "auto",
    "spanNulls": False,  # what is not known is a hole in the line
}
POINTS: Mapping[str, Json] = {"drawStyle": "points", "pointSize": 6, "showPoints": "always"}
STACKED: Mapping[str, Json] = {
    "drawStyle": "line",
    "lineWidth": 0,
    "fillOpacity": 70,
    "stacking": {"mode": "normal", "group": "A"},
}
FLOORS_DASHED: Object = {
    "matcher": {"id": "byRegexp", "options": "/, at least$/"},
    "properties": [{"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [6, 6]}}],
}
FRACTION = "percentunit"
HEAT: Mapping[str, Json] = {"color": {"mode": "continuous-BlYlRd"}}
COLOURED: Mapping[str, Json] = {"cellOptions": {"type": "color-background", "mode": "basic"}}
BPS = "suffix: bps"
QUOTE = "short"
SECONDS = "s"
TIME = "dateTimeAsIso"
NOTHING = "\N{EN DASH}"


def graph(
    title: str,
    says: str,
    *queries: Query,
    unit: str = "none",
    axis: str = "",
    draw: Mapping[str, Json] = LINE,
    overrides: Sequence[Object] = (),
    decimals: int | None = None,
    width: int = 12,
) -> Panel:
    """Figures over time. ``axis`` names the unit where Grafana's own does not."""
    return Panel(
        title=title,
        says=says,
        queries=queries,
        unit=unit,
        width=width,
        decimals=decimals,
        custom={**draw, "axisLabel": axis},
        options=LEGEND,
        overrides=overrides,
    )


def listing(
    title: str,
    says: str,
    query: Query,
    columns: Mapping[str, str],
    width: int = 24,
) -> Panel:
    """Rows as they are, with the unit of each column that has one."""
    return Panel(
        title=title,
        says=says,
        queries=[query],
        kind="table",
        width=width,
        columns=columns,
        options={"showHeader": True, "cellHeight": "sm"},
        defaults={"noValue": NOTHING},
        custom={"filterable": True},
        steps=None,
    )


def matrix(
    title: str, says: str, query: Query, *, rows: str, columns: str, figures: str, unit: str
) -> Panel:
    """A cell for each pair of what two columns of the answer hold, coloured by its figure."""
    fields = {"rowField": rows, "columnField": columns, "valueField": figures}
    return Panel(
        title=title,
        says=says,
        queries=[query],
        kind="table",
        width=24,
        unit=unit,
        decimals=4,
        options={"showHeader": True, "cellHeight": "sm"},
        defaults={"noValue": NOTHING, **HEAT},
        custom=COLOURED,
        transformations=[
            {"id": "groupingToMatrix", "options": {**fields, "emptyValue": "null"}},
        ],
        steps=None,
    )


def number(title: str, says: str, query: Query, unit: str = "none", width: int = 6) -> Panel:
    """The last figure of each series."""
    return Panel(
        title=title,
        says=says,
        queries=[query],
        kind="stat",
        unit=unit,
        width=width,
        height=4,
        options={
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "textMode": "auto",
            "colorMode": "value",
            "graphMode": "area",
            "justifyMode": "auto",
            "orientation": "auto",
        },
        defaults={"noValue": NOTHING},
    )
