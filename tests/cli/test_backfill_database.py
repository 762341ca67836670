"""``backfill`` on a database that fails it: one line, exit code 5, and nothing is lost."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import pytest
from tests.cli.old_server import old_server
from tests.cli.own_server import OwnServer, free_port, own_server
from tests.cli.program import SECONDS, Ended, stop
from tests.cli.watched import PAGES, Scene, opened_scene
from tests.database.clients import server_pid
from tests.engines import reachable_directory

from perps_stats.database.embedded import embedded

EXIT_CODE = 5
NUMBERS = count()


@pytest.fixture(scope="module")
def made() -> Generator[OwnServer]:
    """With as few connections as a server can have beside those of its owner."""
    directory = reachable_directory()
    with own_server(directory, max_connections="12") as server:
        yield server


@pytest.fixture
def own(made: OwnServer) -> OwnServer:
    """It is up, whatever the test before did."""
    if not made.runs:
        made.start()
    return made


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Scene]:
    async with opened_scene(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
async def database(own: OwnServer) -> str:
    """The name of an empty one."""
    name = f"past_{next(NUMBERS)}"
    await own.execute(f"create database {name}")
    return name


def said(ended: Ended) -> list[str]:
    """Lines on stderr, without those that tell how it goes."""
    progress = ("perps-stats: binance: ", "waiting: ")
    return [line for line in ended.err.splitlines() if not line.startswith(progress)]


def assert_one_line(ended: Ended, *words: str) -> None:
    """Nothing but one line on stderr, which has these words."""
    told = said(ended)
    assert (ended.code, ended.out, len(told)) == (EXIT_CODE, "", 1), ended.err
    assert told[0].startswith("perps-stats: ")
    for word in words:
        assert word in told[0]
    assert "r1ght" not in ended.err


async def assert_goes_on(scene: Scene, url: str) -> None:
    """Some pages are held, each whole; the same command fetches the others, and those alone."""
    before = await scene.held(url)
    assert any(before.values())
    assert before != scene.all()
    ended = await scene.backfill("--database-url", url)
    assert ended.code == 0, ended.err
    assert await scene.held(url) == scene.all()
    assert max(scene.exchange.asked_again.values()) <= 1, "only what was under way is asked again"


@pytest.mark.parametrize("end", [OwnServer.kill, OwnServer.stop])
async def test_a_server_that_ends_in_the_middle(
    scene: Scene, own: OwnServer, database: str, end: Callable[[OwnServer], None]
) -> None:
    """Killed or stopped; when it is back, the rest is fetched."""
    url = own.url(database)
    scene.exchange.interrupt(lambda: end(own))
    assert_one_line(await scene.backfill("--database-url", url), f"127.0.0.1:{own.port}", "run")
    own.start()
    await assert_goes_on(scene, url)


async def test_a_server_that_is_down(scene: Scene, own: OwnServer, tmp_path: Path) -> None:
    """Is told by every command; no file is begun, and the exchange was not asked."""
    own.stop()
    file = tmp_path / "klines.csv"
    export = ("db", "export", "--data", "klines", "-o", str(file))
    for words in (("backfill", "-s", "BTC"), ("stream",), ("db", "stats"), export):
        ended = await scene.run(*words, "--database-url", own.url("postgres"))
        assert_one_line(ended, f"127.0.0.1:{own.port}", "cannot be reached", "is it running?")
    assert not file.exists()
    assert scene.exchange.pages.total() == 0


async def test_our_own_server_is_started_again(scene: Scene, directory: Path) -> None:
    """The embedded database, killed, then stopped in the middle: nothing is seen of it."""
    words = ("--database-dir", str(directory))
    for number, repeats in ((signal.SIGKILL, 0), (signal.SIGINT, PAGES)):
        scene.exchange.interrupt(partial(end_server, directory, number))
        ended = await scene.backfill("--force", *words)
        assert (ended.code, said(ended)) == (0, ["perps-stats: simulated data: binance"])
        assert set(scene.exchange.asked_again.values()) == {repeats}
    async with embedded(directory) as url:
        assert await scene.held(url) == scene.all()


def end_server(directory: Path, number: signal.Signals) -> None:
    os.kill(server_pid(directory), number)


@pytest.mark.parametrize(
    ("password", "name", "words"),
    [
        ("wr0ng", "postgres", "check user and password of the database url"),
        ("r1ght", "nowhere", "does not exist; create it with `createdb`"),
    ],
)
async def test_who_is_not_let_in(
    scene: Scene, own: OwnServer, password: str, name: str, words: str
) -> None:
    """A wrong password, no such database: what to correct."""
    url = own.url(name, password=password)
    assert_one_line(await scene.backfill("--database-url", url), words)


async def test_an_older_postgresql(scene: Scene) -> None:
    """Is told its version and the least that is needed; nothing was asked of the exchange."""
    async with old_server("14.11") as url:
        ended = await scene.backfill("--database-url", url)
    assert_one_line(ended, "is PostgreSQL 14; 15 or newer is needed")
    assert scene.exchange.pages.total() == 0


async def test_a_newer_schema(scene: Scene, own: OwnServer, database: str) -> None:
    """Says what is to be upgraded: the program."""
    url = own.url(database)
    assert (await scene.run("db", "init", "--database-url", url)).code == 0
    await own.execute(
        "insert into schema_migrations (number, name, checksum) values (9999, '9999_more.sql', '')",
        database,
    )
    ended = await scene.backfill("--database-url", url)
    assert_one_line(ended, "is newer than this program (it has 9999_more.sql)", "upgrade")


async def test_a_database_that_only_reads(scene: Scene, own: OwnServer, database: str) -> None:
    """By a setting, as a standby, for a role without rights: what to do; what can be read, is."""
    url = own.url(database)
    assert (await scene.run("db", "init", "--database-url", url)).code == 0
    await own.execute(f"alter database {database} set default_transaction_read_only = on")
    assert_one_line(await scene.backfill("--database-url", url), "it is read-only")
    own.follow(leader=False)
    assert_one_line(await scene.backfill("--database-url", url), "it is read-only")
    assert (await scene.run("db", "stats", "--database-url", url)).code == 0
    own.follow(leader=True)
    role = f"reader_of_{database}"
    await own.execute(f"create role {role} login password 'r1ght'")
    ended = await scene.backfill("--database-url", own.url(database, role))
    assert_one_line(ended, "permission denied for table schema_migrations; grant the role")


SEND_AWAY = """
    select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user
"""


async def until_alone(own: OwnServer, role: str) -> None:
    """Who has hung up holds a connection until the server has noticed."""
    connection = await asyncpg.connect(own.url("postgres"))
    try:
        asked = "select count(*) from pg_stat_activity where usename = $1"
        while await connection.fetchval(asked, role):
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def test_out_of_connections(scene: Scene, own: OwnServer, database: str) -> None:
    """From the start, or in the middle: what is done by then is kept."""
    role = f"owner_of_{database}"
    await own.execute(f"create role {role} login password 'r1ght'")
    await own.execute(f"alter database {database} owner to {role}")
    url = own.url(database, role)
    others = [await asyncpg.connect(url) for _ in range(9)]
    ended = await scene.backfill("--database-url", url)
    assert_one_line(ended, "connection slots", "raise its max_connections")
    assert scene.exchange.pages.total() == 0
    for other in others:
        await other.close()
    await until_alone(own, role)
    crowd = f"alter database {database} connection limit 0; {SEND_AWAY}"
    scene.exchange.interrupt(lambda: asyncio.run(own.execute(crowd)))
    ended = await scene.backfill("--database-url", url)
    assert_one_line(ended, f'too many connections for database "{database}"')
    await own.execute(f"alter database {database} connection limit -1")
    await assert_goes_on(scene, url)


async def test_a_table_that_is_dropped_beneath(scene: Scene, own: OwnServer, database: str) -> None:
    """Migrations do not bring it back: restore it; ``db stats`` says the same."""
    url = own.url(database)
    scene.exchange.interrupt(
        lambda: asyncio.run(own.execute("drop table klines cascade", database))
    )
    for ended in (
        await scene.backfill("--database-url", url),
        await scene.backfill("--database-url", url),
        await scene.run("db", "stats", "--database-url", url),
    ):
        assert_one_line(ended, 'relation "klines" does not exist', "restore")


@contextmanager
def small_disk(directory: Path) -> Generator[Path]:
    """A file system of its own that ends after 100 MB. Skips where nobody may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=100m,mode=0755", "tmpfs", str(directory)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


def fill_up(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


async def test_a_full_disk(scene: Scene, directory: Path) -> None:
    """What could not be written does not count as filled; with room again the rest is fetched."""
    with small_disk(directory) as disk:
        place = disk / "server"
        place.mkdir()
        with own_server(place) as server:
            url = server.url("postgres")
            scene.exchange.interrupt(lambda: fill_up(disk))
            for _ in range(2):
                ended = await scene.backfill("--database-url", url)
                assert_one_line(ended, "No space left on device", "make room on the disk")
            (disk / "ballast").unlink()
            before = await scene.held(url)
            assert any(before.values())
            assert before != scene.all()
            assert (await scene.backfill("--database-url", url)).code == 0
            assert await scene.held(url) == scene.all()
            assert max(scene.exchange.asked_again.values()) <= 2, "one for each that failed"


REFUSE = """
    create function refuse() returns trigger language plpgsql as $$ begin
        raise disk_full using message = 'no space for the log';
    end $$;
    create constraint trigger refuse after insert on klines deferrable initially deferred
    for each row when (new.ts >= '{}') execute function refuse();
"""


async def test_a_commit_that_fails(scene: Scene, own: OwnServer, database: str) -> None:
    """Everything was sent, and then it is refused: such a page does not count as filled."""
    url = own.url(database)
    assert (await scene.run("db", "init", "--database-url", url)).code == 0
    middle = scene.span.start + scene.span.length / 2
    await own.execute(REFUSE.format(middle), database)
    assert_one_line(await scene.backfill("--database-url", url), "no space for the log")
    await own.execute("drop trigger refuse on klines", database)
    await assert_goes_on(scene, url)


async def test_run_goes_on_when_its_hourly_fill_fails(
    scene: Scene, own: OwnServer, database: str
) -> None:
    """One line in the log; the server is back, and the process still answers."""
    port = free_port()
    scene.exchange.interrupt(own.stop)
    scene.program.environ["PERPS_STATS__BACKFILL__DAYS"] = "6"
    words = ("run", "-s", "BTC", "--port", str(port), "--database-url", own.url(database))
    process = scene.program.start(*words)
    assert process.stderr is not None
    told: list[str] = []
    try:
        while line := await asyncio.to_thread(process.stderr.readline):
            told.append(line)
            if "backfill failed" in line:
                break
        own.start()
        url = f"http://127.0.0.1:{port}/api/v1/health"
        assert await asyncio.to_thread(lambda: urlopen(url, timeout=SECONDS).status) == 200
    finally:
        ended = await asyncio.to_thread(stop, process, signal.SIGTERM)
    told += ended.err.splitlines()
    assert ended.code == 143
    assert sum("backfill failed" in line for line in told) == 1
    assert not any("Traceback" in line for line in told)
