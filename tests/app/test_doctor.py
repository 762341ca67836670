"""Each thing that can be wrong is found, on simulated exchanges, real sockets, a real database."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from perps_stats.app.clients import open_exchanges
from perps_stats.app.doctor import examine, storage
from perps_stats.app.doctor.findings import Finding, Place, Status, exit_code, sized
from perps_stats.app.doctor.machine import look_at_files, look_at_spool
from perps_stats.app.doctor.storage import look_at_database
from perps_stats.app.doctor.venue import Look
from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges.contract import Request
from perps_stats.settings import DatabaseSettings, ExchangeSettings, Settings, StreamSettings
from perps_stats.sim import SimSettings, Simulator

SECONDS = 60.0
"""Longer than anything here takes."""
MUTE_SECONDS = 2.5
"""Time enough to connect, before there is no answer."""
BTC = StreamSettings(symbols=("BTC",))


@pytest.fixture(autouse=True)
def _slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """How fast this machine commits is no finding of these tests."""
    monkeypatch.setattr(storage, "SLOW_MS", SECONDS * 1000)


@asynccontextmanager
async def simulated(
    ahead_seconds: float = 0.0, names: tuple[str, ...] = ("binance",)
) -> AsyncGenerator[Settings]:
    """Settings that name simulated exchanges, whose clocks are so far ahead of ours."""

    def clock() -> int:
        return int((time.time() + ahead_seconds) * 1000)

    async with Simulator(SimSettings(exchanges=names, symbols=("BTC",)), clock=clock) as simulator:
        yield Settings(
            exchanges={
                name: ExchangeSettings(rest_url=venue.rest_url, ws_url=venue.ws_url)
                for name, venue in simulator.venues.items()
            },
            stream=replace(BTC, exchanges=names),
        )


async def looked(settings: Settings, seconds: float = SECONDS) -> dict[str, Finding]:
    """What is found of binance, by check."""
    async with open_exchanges(settings, ["binance"]) as asked:
        look = Look(settings, asked["binance"], timedelta(seconds=seconds))
        return {one.check: one for one in await look.run()}


async def test_everything_is_in_order(repository: PostgresRepository, tmp_path: Path) -> None:
    """Every exchange answers, tells the time and opens its streams; the database takes rows."""
    names = ("binance", "kucoin", "lighter", "paradex", "aster")
    async with simulated(names=names) as settings:
        database = DatabaseSettings(url=repository.link.url, dir=tmp_path)
        found = await examine(replace(settings, database=database), None, SECONDS)
    bad = [one for one in found if one.status in {Status.FAILED, Status.WARNING}]
    assert bad == []
    assert exit_code(found) == 0
    venues = [(one.subject, one.check) for one in found if one.place is Place.EXCHANGE]
    checks = ("connection", "rest", "clock", "websocket", "request weight")
    assert venues == [(name, check) for name in names for check in checks]
    others = [one.check for one in found if one.place is not Place.EXCHANGE]
    database_checks = ["database", "engine", "schema", "writing", "disk"]
    assert others == [*database_checks, "spool", "room for the spool", "open files"]


SKEW = r"this machine is ([\d.]+) s (ahead of|behind) it, give or take ([\d.]+) s"


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(0.0, Status.OK), (-4.0, Status.WARNING), (4.0, Status.WARNING), (-90.0, Status.FAILED)],
)
async def test_a_clock_that_is_wrong(ahead: float, status: Status) -> None:
    """By how much, in which direction, and how far off that is at most: half of the round trip,
    and the millisecond that the exchange does not tell.
    """
    async with simulated(ahead) as settings:
        clock = (await looked(settings))["clock"]
    told = re.fullmatch(SKEW, clock.found)
    assert told is not None
    measured = float(told[1]) if told[2] == "behind" else -float(told[1])
    assert abs(measured - ahead) <= float(told[3]) + 0.002
    assert clock.status is status
    assert (clock.remedy is None) == (status is Status.OK)


async def test_a_closed_port_is_one_line(shut_port: int) -> None:
    """What could not be asked after that is not listed as found."""
    url = f"http://127.0.0.1:{shut_port}"
    settings = Settings(exchanges={"binance": ExchangeSettings(rest_url=url)}, stream=BTC)
    found = await looked(settings)
    assert list(found) == ["connection"]
    assert found["connection"].status is Status.FAILED
    assert "takes no connection" in found["connection"].found
    assert exit_code([*found.values()]) == 4


async def test_who_does_not_answer_is_waited_for_so_long() -> None:
    """A server that takes connections and says nothing."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings = Settings(exchanges={"binance": ExchangeSettings(rest_url=url)}, stream=BTC)
        found = await looked(settings, MUTE_SECONDS)
    assert [one.status for one in found.values()][:2] == [Status.OK, Status.FAILED]
    assert found["rest"].found == f"no answer within {MUTE_SECONDS:g} s"


async def test_streams_may_be_shut_alone(shut_port: int) -> None:
    """REST answers, the WebSocket does not."""
    async with simulated() as settings:
        own = settings.exchanges["binance"]
        shut = replace(own, ws_url=f"ws://127.0.0.1:{shut_port}")
        found = await looked(replace(settings, exchanges={"binance": shut}))
    assert {check: one.status for check, one in found.items() if check != "request weight"} == {
        "connection": Status.OK,
        "rest": Status.OK,
        "clock": Status.OK,
        "websocket": Status.FAILED,
    }


async def test_a_limit_that_is_nearly_used() -> None:
    """By us, or as the exchange tells: 2,000 of 2,400 is above four fifths."""
    async with simulated() as settings, open_exchanges(settings, ["binance"]) as asked:
        budget = asked["binance"].sender.budget
        budget.spend(Request("GET", "/", weight=2000), time.monotonic())
        look = Look(settings, asked["binance"], timedelta(seconds=SECONDS))
        weight = (await look.run())[-1]
    assert (weight.check, weight.status) == ("request weight", Status.WARNING)
    assert " of 2400 in 60 s are used" in weight.found


async def database(url: str | None, directory: Path) -> list[tuple[str, Status]]:
    found = await look_at_database(DatabaseSettings(url=url, dir=directory), SECONDS)
    return [(one.check, one.status) for one in found]


async def test_a_database_that_is_not_there(directory: Path, shut_port: int) -> None:
    """None was made yet, which is no failure, and none is made now; or nobody answers."""
    assert await database(None, directory) == [("database", Status.NOT_CHECKED)]
    assert not any(directory.iterdir())  # noqa: ASYNC240 a look, in a test
    url = f"postgresql://nobody@127.0.0.1:{shut_port}/nothing"
    away = await look_at_database(DatabaseSettings(url=url, dir=directory), SECONDS)
    assert [(one.check, one.status) for one in away] == [("database", Status.FAILED)]
    assert exit_code(away) == 5


async def test_a_database_of_the_user(url: str, tmp_path: Path) -> None:
    """The disk of its server cannot be seen."""
    assert await database(url, tmp_path) == [
        ("database", Status.OK),
        ("engine", Status.OK),
        ("schema", Status.OK),
        ("writing", Status.OK),
        ("disk", Status.NOT_CHECKED),
    ]


@pytest.mark.needs_real_server
async def test_a_database_that_only_reads(url: str, link: Link, tmp_path: Path) -> None:
    """Whoever collects into it would fail."""
    (name,) = (await link.fetch("select current_database()"))[0]
    await link.fetch(f'alter database "{name}" set default_transaction_read_only = on')
    found = await look_at_database(DatabaseSettings(url=url, dir=tmp_path), SECONDS)
    assert (found[-1].check, found[-1].status) == ("writing", Status.FAILED)
    assert "it is read-only (a replica?): point the database url at the primary" in found[-1].found


async def test_a_schema_that_is_behind(empty: Link, tmp_path: Path) -> None:
    """It is told what it lacks; nothing is migrated by looking."""
    for _ in range(2):
        found = await look_at_database(DatabaseSettings(url=empty.url, dir=tmp_path), SECONDS)
        assert (found[-1].check, found[-1].status) == ("schema", Status.WARNING)
        assert "0001_markets.sql" in found[-1].found


async def test_the_disk_of_our_own_database(directory: Path) -> None:
    """What is free is known; of how it grows nothing is said before a day."""
    async with open_repository(None, directory):
        pass
    found = await look_at_database(DatabaseSettings(dir=directory), SECONDS)
    assert (found[-1].check, found[-1].status) == ("disk", Status.OK)
    assert "how fast it grows is not known yet" in found[-1].found


def test_what_waits_in_the_spool(tmp_path: Path) -> None:
    """Bytes on disk that no database holds yet; and whether the spool may grow as it should."""
    settings = Settings(stream=replace(BTC, spool_dir=tmp_path / "spool", spool_max_bytes=1))
    assert [one.status for one in look_at_spool(settings)] == [Status.OK, Status.OK]
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "segment").write_bytes(b"x" * 2048)
    huge = replace(settings.stream, spool_max_bytes=1 << 60)
    waiting, room = look_at_spool(replace(settings, stream=huge))
    assert (waiting.status, room.status) == (Status.WARNING, Status.WARNING)
    assert waiting.found == f"2.0 KiB wait in {tmp_path / 'spool'}"


def test_as_many_files_as_connections() -> None:
    """Each twice, for its successor, and 300 beside; not known where an exchange did not say."""
    assert look_at_files([1, 2]).status is Status.OK
    assert look_at_files([1, 2]).found.endswith("collecting takes up to 306")
    assert look_at_files([10**9]).status is Status.FAILED
    assert look_at_files([1, None]).status is Status.NOT_CHECKED


def test_the_exit_code_is_of_the_worst() -> None:
    """Database before exchange before machine; warnings do not count."""

    def found(place: Place, status: Status) -> Finding:
        return Finding(place=place, subject="", check="", status=status, found="")

    everything = [found(place, Status.FAILED) for place in Place]
    assert exit_code([found(place, Status.WARNING) for place in Place]) == 0
    assert exit_code(everything) == 5
    assert exit_code([one for one in everything if one.place is not Place.DATABASE]) == 4
    assert exit_code([one for one in everything if one.place is Place.MACHINE]) == 1


def test_sizes_are_readable() -> None:
    """By powers of 1024, to a tenth."""
    sizes = {0: "0 bytes", 1023: "1,023 bytes", 1024: "1.0 KiB", 3 << 29: "1.5 GiB"}
    assert {count: sized(count) for count in sizes} == sizes


async def test_an_exchange_that_refuses_says_why() -> None:
    """A network that works is no remedy for that."""

    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"code": -1000, "msg": "not from your country"}, status=403)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        own = ExchangeSettings(rest_url=url, ws_url=url.replace("http", "ws"))
        found = await looked(Settings(exchanges={"binance": own}, stream=BTC))
    assert (found["rest"].status, found["rest"].remedy) == (Status.FAILED, None)
    assert found["rest"].found == "refused: not from your country (code -1000)"
    assert found["websocket"].status is Status.FAILED
