"""What is written for Grafana: dashboards, and where it finds data, dashboards and the password."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from perps_stats.core.errors import Unwritable
from perps_stats.grafana import DASHBOARDS, Sources, export
from perps_stats.grafana.model import POSTGRES, PROMETHEUS, SOURCES

SOURCES_OF = Sources(
    postgres="db.example:5432",
    database="perps_stats",
    user="perps_stats_grafana",
    sslmode="verify-full",
    password_file=None,
    prometheus="http://metrics.example:9090",
)


class Source(Struct, kw_only=True):
    """What Grafana reads of a data source, as far as it is looked at here."""

    uid: str
    type: str
    url: str
    user: str | None = None
    secure: dict[str, str] = field(name="secureJsonData", default_factory=dict)
    about: dict[str, str | bool | int] = field(name="jsonData", default_factory=dict)


class Provider(Struct):
    options: dict[str, str]


class Provisioning(Struct, kw_only=True):
    datasources: list[Source] = []
    providers: list[Provider] = []


def provisioned(directory: Path, name: str) -> Provisioning:
    text = (directory / f"provisioning/{name}/perps-stats.yml").read_text(encoding="utf-8")
    return msgspec.yaml.decode(text, type=Provisioning)


def data_sources(directory: Path) -> dict[str, Source]:
    return {each.uid: each for each in provisioned(directory, "datasources").datasources}


def test_every_dashboard_is_a_file(tmp_path: Path) -> None:
    """Under its uid, and nothing else beside the provisioning of both kinds."""
    written = export(tmp_path, SOURCES_OF, None)
    assert {str(path.relative_to(tmp_path)) for path in written} == {
        *(f"dashboards/perps-stats-{each.name}.json" for each in DASHBOARDS),
        "provisioning/datasources/perps-stats.yml",
        "provisioning/dashboards/perps-stats.yml",
    }
    for each in DASHBOARDS:
        text = (tmp_path / f"dashboards/{each.uid}.json").read_text(encoding="utf-8")
        assert json.loads(text)["uid"] == each.uid


def test_panels_find_the_data_sources(tmp_path: Path) -> None:
    """By the uids that the provisioning gives them."""
    export(tmp_path, SOURCES_OF, None)
    found = data_sources(tmp_path)
    assert set(found) == {POSTGRES, PROMETHEUS}
    for uid, source in SOURCES.items():
        assert source["uid"] == uid
    postgres = found[POSTGRES]
    assert (postgres.type, postgres.url) == ("postgres", "db.example:5432")
    assert (postgres.user, found[PROMETHEUS].url) == (
        "perps_stats_grafana",
        "http://metrics.example:9090",
    )
    assert (postgres.about["database"], postgres.about["sslmode"]) == ("perps_stats", "verify-full")
    assert postgres.about["timescaledb"] is False


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (None, "$__env{PERPS_STATS_GRAFANA_PASSWORD}"),
        ("/run/secrets/grafana", "$__file{/run/secrets/grafana}"),
    ],
)
def test_grafana_reads_the_password_itself(tmp_path: Path, file: str | None, expected: str) -> None:
    """From its environment or a file: no password passes through us."""
    export(tmp_path, replace(SOURCES_OF, password_file=file), None)
    assert data_sources(tmp_path)[POSTGRES].secure == {"password": expected}


@pytest.mark.parametrize("found_at", [None, "/etc/perps-stats/dashboards"])
def test_grafana_is_told_where_the_dashboards_are(tmp_path: Path, found_at: str | None) -> None:
    """Where they were written, unless it sees them elsewhere."""
    export(tmp_path, SOURCES_OF, found_at)
    (provider,) = provisioned(tmp_path, "dashboards").providers
    assert provider.options["path"] == (found_at or str(tmp_path / "dashboards"))


def test_what_yaml_would_read_otherwise_is_quoted(tmp_path: Path) -> None:
    """And a dollar is doubled: Grafana would take it for a variable."""
    export(tmp_path, replace(SOURCES_OF, user='on: "$x" #', database="1e3"), None)
    postgres = data_sources(tmp_path)[POSTGRES]
    assert postgres.user == 'on: "$$x" #'
    assert postgres.about["database"] == "1e3"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    """With the name of the file."""
    (tmp_path / "dashboards").write_text("")
    with pytest.raises(Unwritable, match=r"perps-stats-overview\.json cannot be written"):
        export(tmp_path, SOURCES_OF, None)
