"""What a dashboard is made of, and its JSON as Grafana's documentation has it.

A description says what is asked and in which unit; where a panel stands follows from its order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | float | None"
Object: TypeAlias = dict[str, Json]

SCHEMA_VERSION = 41
"""Of Grafana 11.6; later ones read it and say it anew."""
COLUMNS = 24
POSTGRES: Final = "perps-stats-postgres"
PROMETHEUS: Final = "perps-stats-prometheus"
SOURCES: Mapping[str, Object] = {
    POSTGRES: {"type": "grafana-postgresql-datasource", "uid": POSTGRES},
    PROMETHEUS: {"type": "prometheus", "uid": PROMETHEUS},
}
"""The data sources, by the uid that provisioning gives them."""


class Query(Struct, frozen=True, kw_only=True):
    """A question to a data source: SQL of PostgreSQL, or an expression of Prometheus whose series
    are called as ``legend`` says. ``name`` is what tests and readers call it.
    """

    name: str
    text: str
    source: Literal["perps-stats-postgres", "perps-stats-prometheus"] = POSTGRES
    form: Literal["table", "time_series"] = "time_series"
    legend: str | None = None

    def to_json(self, ref: str) -> Object:
        asked: Object = {"refId": ref, "datasource": SOURCES[self.source]}
        if self.source == PROMETHEUS:
            return {**asked, "expr": self.text, "legendFormat": self.legend, "range": True}
        return {
            **asked,
            "rawSql": self.text,
            "format": self.form,
            "rawQuery": True,
            "editorMode": "code",
        }


class Panel(Struct, frozen=True, kw_only=True):
    """``unit`` is one of Grafana's. ``columns`` are the units of a table's columns, by name."""

    title: str
    says: str
    """What the figures are, shown where one points at the title."""
    queries: Sequence[Query]
    kind: Literal["timeseries", "table", "stat", "status-history"] = "timeseries"
    unit: str = "none"
    width: int = 12
    height: int = 9
    decimals: int | None = None
    custom: Mapping[str, Json] = {}
    defaults: Mapping[str, Json] = {}
    options: Mapping[str, Json] = {}
    columns: Mapping[str, str] = {}
    overrides: Sequence[Object] = ()
    transformations: Sequence[Object] = ()
    steps: int | None = 220
    """How many points a line has at most. Grafana's step follows from it: an hour for a week."""

    def to_json(self, number: int, x: int, y: int) -> Object:
        defaults: Object = {"unit": self.unit, **self.defaults, "custom": dict(self.custom)}
        if self.decimals is not None:
            defaults["decimals"] = self.decimals
        overrides = [*map(_unit_of_column, self.columns, self.columns.values()), *self.overrides]
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.says,
            "datasource": SOURCES[self.queries[0].source],
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": defaults, "overrides": overrides},
            "options": dict(self.options),
            "targets": [
                query.to_json(chr(ord("A") + place)) for place, query in enumerate(self.queries)
            ],
            "transformations": list(self.transformations),
            "interval": "1m",
            **({"maxDataPoints": self.steps} if self.steps else {}),
        }


def _unit_of_column(name: str, unit: str) -> Object:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": "unit", "value": unit}],
    }


class Variable(Struct, frozen=True, kw_only=True):
    """What is chosen at the head of a dashboard: of ``values``, or of what ``query`` finds."""

    name: str
    label: str
    query: Query | None = None
    values: Sequence[str] = ()
    chosen: Sequence[str] = ()
    """At first; none: all."""

    def to_json(self) -> Object:
        everything, all_values = ["All"], ["$__all"]
        common: Object = {
            "name": self.name,
            "label": self.label,
            "multi": True,  # of others Grafana puts no quotes around the value
            "includeAll": True,
            "current": {
                "text": list(self.chosen) or everything,
                "value": list(self.chosen) or all_values,
            },
        }
        if self.query is None:
            return {**common, "type": "custom", "query": ",".join(self.values)}
        return {
            **common,
            "type": "query",
            "datasource": SOURCES[self.query.source],
            "query": self.query.text,
            "refresh": 1,
        }


class Dashboard(Struct, frozen=True, kw_only=True):
    """``annotations`` lie over every panel that has a time axis."""

    name: str
    title: str
    says: str
    span: str
    """How far back it looks at first: ``now-24h``."""
    variables: Sequence[Variable]
    annotations: Sequence[Query]
    panels: Sequence[Panel]

    @property
    def uid(self) -> str:
        return f"perps-stats-{self.name}"

    @property
    def queries(self) -> list[Query]:
        """Everything that it asks."""
        return [
            *(variable.query for variable in self.variables if variable.query is not None),
            *self.annotations,
            *(query for panel in self.panels for query in panel.queries),
        ]

    def to_json(self) -> Object:
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.says,
            "tags": ["perps-stats"],
            "timezone": "utc",
            "editable": True,
            "graphTooltip": 1,
            "schemaVersion": SCHEMA_VERSION,
            "refresh": "1m",
            "time": {"from": self.span, "to": "now"},
            "templating": {"list": [variable.to_json() for variable in self.variables]},
            "annotations": {"list": [_annotation(query) for query in self.annotations]},
            "links": [_LINK],
            "panels": list(_placed(self.panels)),
        }


_LINK: Object = {
    "title": "perps-stats",
    "type": "dashboards",
    "tags": ["perps-stats"],
    "asDropdown": True,
    "includeVars": True,
    "keepTime": True,
    "icon": "external link",
    "tooltip": "",
    "url": "",
    "targetBlank": False,
}


def _annotation(query: Query) -> Object:
    return {
        "name": query.name,
        "datasource": SOURCES[query.source],
        "enable": True,
        "hide": False,
        "iconColor": "orange",
        "target": query.to_json("Annotation"),
    }


def _placed(panels: Sequence[Panel]) -> Iterator[Object]:
    """From left to right in the order of the description; a new line begins where one is full."""
    x = y = below = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > COLUMNS:
            x, y = 0, below
        yield panel.to_json(number, x, y)
        x, below = x + panel.width, max(below, y + panel.height)
