"""The roles of the database that compose.yaml makes: who owns, who reads, who cannot write."""

import os
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from tests.grafana.conftest import CHOSEN, at
from tests.grafana.macros import Asked, expanded

from perps_stats.database.binaries import candidates
from perps_stats.database.embedded import embedded
from perps_stats.database.reader import reading_link
from perps_stats.database.repository import open_repository
from perps_stats.grafana import DASHBOARDS
from perps_stats.grafana.model import POSTGRES

SCRIPT = Path(__file__).parents[2] / "deploy/timescaledb/roles.sh"
ASKED = Asked(start=at(-3600), end=at(3600), chosen=CHOSEN)


def psql_directory() -> Path:
    """Of the client that comes with a PostgreSQL of this machine."""
    return next(each for each in candidates() if (each / "psql").exists())


def make_roles(url: str, directory: Path) -> None:
    """As the image does when it makes the database: as its superuser, with secrets as files."""
    for name in ("database_password", "grafana_password"):
        (directory / name).write_text(f"{name} 'quoted'\n")
    text = SCRIPT.read_text(encoding="utf-8").replace("/run/secrets", str(directory))
    where = parse_qs(urlsplit(url).query)
    environ = {
        "PATH": f"{psql_directory()}:{os.environ['PATH']}",
        "PGHOST": where["host"][0],
        "PGPORT": where["port"][0],
    }
    done = subprocess.run(
        ["/bin/sh", "-c", text], env=environ, check=False, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
async def made(directory: Path, tmp_path: Path) -> AsyncGenerator[str]:
    """The url, as the superuser, of a database of that name with those roles."""
    async with embedded(directory) as url:
        connection = await asyncpg.connect(url)
        await connection.execute("create database perps_stats")
        await connection.close()
        own = url.replace("/postgres?", "/perps_stats?")
        make_roles(own, tmp_path)
        yield own


def as_role(url: str, role: str) -> str:
    return url.replace("//postgres@", f"//{role}@")


async def test_grafana_reads_everything_and_writes_nothing(made: str, tmp_path: Path) -> None:
    """The program, no superuser, makes its tables; a reader of them answers every panel."""
    async with (
        open_repository(as_role(made, "perps_stats"), tmp_path) as repository,
        reading_link(repository.link, 60) as reader,
    ):
        assert (await reader.fetch("select current_role"))[0][0] == "perps_stats_reader"
        grafana = await asyncpg.connect(as_role(made, "perps_stats_grafana"))
        for dashboard in DASHBOARDS:
            for query in dashboard.queries:
                if query.source == POSTGRES:
                    await grafana.fetch(expanded(query.text, ASKED))
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await grafana.execute("delete from gaps")
        await grafana.execute("set default_transaction_read_only = off")
        for statement in (
            "delete from gaps",
            "create table mine ()",
            "drop table gaps",
            "select from api_keys",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await grafana.execute(statement)
        assert await grafana.fetchval("show statement_timeout") == "30s"
        await grafana.close()


async def test_passwords_are_those_of_the_files(made: str) -> None:
    """Whatever characters they are of; who logs in without one of these is no superuser."""
    connection = await asyncpg.connect(made)
    rows = await connection.fetch(
        "select rolname, rolsuper, rolcanlogin, rolpassword like 'SCRAM%' as has_password"
        " from pg_authid where rolname like 'perps%' order by 1"
    )
    await connection.close()
    assert [tuple(row) for row in rows] == [
        ("perps_stats", False, True, True),
        ("perps_stats_grafana", False, True, True),
        ("perps_stats_reader", False, False, None),
    ]
