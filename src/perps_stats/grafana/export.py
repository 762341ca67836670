"""Writes the dashboards and Grafana's provisioning of them into a directory."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from perps_stats.core.errors import Unwritable
from perps_stats.grafana.coverage import COVERAGE
from perps_stats.grafana.funding import FUNDING
from perps_stats.grafana.liquidity import LIQUIDITY
from perps_stats.grafana.model import Dashboard
from perps_stats.grafana.overview import OVERVIEW
from perps_stats.grafana.service import SERVICE

DASHBOARDS = (OVERVIEW, LIQUIDITY, FUNDING, COVERAGE, SERVICE)
PROVISIONING = files("perps_stats.grafana") / "provisioning"
PASSWORD = "PERPS_STATS_GRAFANA_PASSWORD"  # noqa: S105 the name of the variable
"""The variable of Grafana's environment that holds the password, where no file does."""


class Sources(Struct, frozen=True, kw_only=True):
    """How Grafana reaches the data. ``password_file``: where it, and not we, finds the password."""

    postgres: str
    database: str
    user: str
    sslmode: str
    password_file: str | None
    prometheus: str


def export(directory: Path, sources: Sources, found_at: str | None) -> list[Path]:
    """The files that were written. ``found_at`` is the directory of the dashboards as Grafana sees
    it, where that is not as we do. Raises ``Unwritable``.
    """
    dashboards = directory / "dashboards"
    path = found_at or str(dashboards.resolve())
    written: list[Path] = []
    for place, text in (
        *((dashboards / f"{one.uid}.json", to_text(one)) for one in DASHBOARDS),
        *((directory / name, text) for name, text in _provisioning(sources, path)),
    ):
        _write(place, text)
        written.append(place)
    return written


def to_text(dashboard: Dashboard) -> str:
    """The same for the same description, to the byte."""
    encoded = msgspec.json.format(msgspec.json.encode(dashboard.to_json()), indent=2)
    return f"{encoded.decode()}\n"


def _provisioning(sources: Sources, path: str) -> Iterator[tuple[str, str]]:
    password = f"$__env{{{PASSWORD}}}"
    if sources.password_file is not None:
        password = f"$__file{{{sources.password_file}}}"
    values = {
        "postgres": sources.postgres,
        "database": sources.database,
        "user": sources.user,
        "sslmode": sources.sslmode,
        "prometheus": sources.prometheus,
        "path": path,
    }
    said = {name: _quoted(value.replace("$", "$$")) for name, value in values.items()}
    for name in ("datasources", "dashboards"):
        text = (PROVISIONING / f"{name}.yml").read_text(encoding="utf-8")
        yield (
            f"provisioning/{name}/perps-stats.yml",
            text.format(password=_quoted(password), **said),
        )


def _quoted(text: str) -> str:
    """What JSON quotes YAML reads alike."""
    return msgspec.json.encode(text).decode()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror or error}") from error
