"""The JSON of the dashboards, held against the model that Grafana publishes of it (version 11.6).

What that model has no words for is not checked here: the questions of the PostgreSQL data source,
which are held against its documentation, and what Grafana's own code makes of all of it.
"""

import json
from collections.abc import Mapping, Sequence

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as published
from grafana_foundation_sdk.models import units

from perps_stats.grafana import DASHBOARDS
from perps_stats.grafana.export import to_text
from perps_stats.grafana.model import SCHEMA_VERSION, Dashboard

register_default_plugins()
UNITS = {value for name, value in vars(units).items() if not name.startswith("_")}


def lost(ours: object, theirs: object, path: str = "") -> list[str]:
    """What of ours is not among theirs, or otherwise."""
    match ours, theirs:
        case Mapping(), Mapping():
            found = []
            for name, value in ours.items():
                here = f"{path}.{name}"
                if name == "target" and ".annotations." in path:
                    continue
                found += lost(value, theirs[name], here) if name in theirs else [here]
            return found
        case list(), list():
            pairs = zip(ours, theirs, strict=True)
            return [each for i, (a, b) in enumerate(pairs) for each in lost(a, b, f"{path}.{i}")]
        case _:
            return [] if ours == theirs else [f"{path}: {ours!r} became {theirs!r}"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda each: each.name)
def test_nothing_is_unknown_to_grafana(dashboard: Dashboard) -> None:
    """Read into the published types and written again, every field is still there, and the same."""
    ours = json.loads(to_text(dashboard))
    theirs = json.loads(JSONEncoder().encode(published.Dashboard.from_json(ours)))
    assert lost(ours, theirs) == []


def test_what_is_unknown_would_be_found() -> None:
    """A field that the model does not have gets lost on the way."""
    ours = json.loads(to_text(DASHBOARDS[0]))
    ours["panels"][0]["fieldConfig"]["defaults"]["units"] = "s"
    theirs = json.loads(JSONEncoder().encode(published.Dashboard.from_json(ours)))
    assert lost(ours, theirs) == [".panels.0.fieldConfig.defaults.units"]


def test_units_are_grafanas() -> None:
    """Or a text behind the figure."""
    named = {panel.unit for each in DASHBOARDS for panel in each.panels}
    named |= {
        unit for each in DASHBOARDS for panel in each.panels for unit in panel.columns.values()
    }
    assert {unit for unit in named if not unit.startswith("suffix:")} <= UNITS


def test_what_is_chosen_is_quoted() -> None:
    """Grafana does so for variables of several values alone, and every question counts on it."""
    for dashboard in DASHBOARDS:
        listed = json.loads(to_text(dashboard))["templating"]["list"]
        assert [each["multi"] for each in listed] == [True] * len(dashboard.variables)


def test_the_version_is_that_of_the_model() -> None:
    """So that Grafana migrates nothing that is new already."""
    assert published.Dashboard().schema_version == SCHEMA_VERSION


def test_uids_are_short_and_their_own() -> None:
    """At most 40 characters: Grafana takes no longer ones."""
    uids: Sequence[str] = [each.uid for each in DASHBOARDS]
    assert len(set(uids)) == len(uids)
    assert max(map(len, uids)) <= 40


def test_the_same_description_is_the_same_text() -> None:
    """To the byte, with a line's end."""
    for dashboard in DASHBOARDS:
        text = to_text(dashboard)
        assert text == to_text(dashboard)
        assert text.endswith("}\n")
