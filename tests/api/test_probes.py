"""Whether we live, can answer, and how we are: also when the database is away."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import pytest

from perps_stats.api import State, create_app, create_porch, create_probes
from perps_stats.database.embedded import embedded
from perps_stats.database.repository import PostgresRepository, open_repository
from perps_stats.exchanges import EXCHANGES

from .conftest import Ask, Said, asking
from .rows import MARKETS, NOW, OTHERS

SERVED = "2026-03-01T13:00:00.000000Z"


async def test_health_of_an_empty_database(ask: Ask) -> None:
    """No exchange is stored, so none is simulated."""
    reply = await ask("/livez")
    assert (reply.status, reply.body) == (200, {"status": "ok", "late_seconds": None})
    assert (await ask("/api/v1/health")).body == {
        "status": "ok",
        "version": version("perps-stats"),
        "database": "ok",
        "simulated": False,
        "exchanges": [],
        "served_at": SERVED,
    }


@pytest.mark.usefixtures("stored")
async def test_health_tells_what_is_simulated(ask: Ask) -> None:
    """One simulated exchange is enough."""
    body = (await ask("/api/v1/health")).body
    assert (body["simulated"], body["exchanges"]) == (True, ["binance", "kucoin"])


READY: dict[str, object] = {
    "status": "ready",
    "reasons": [],
    "database": "ok",
    "collecting": None,
    "spool_bytes": None,
}
BEGUN = State(collecting={"binance": True, "kucoin": False}, unwritten="no room", spool_bytes=7)


async def test_ready_without_a_collector(ask: Ask) -> None:
    """The database answers: nothing else is needed to answer from it."""
    reply = await ask("/readyz")
    assert (reply.status, reply.body) == (200, READY)


async def test_ready_and_not_as_usual(repository: PostgresRepository) -> None:
    """Reads are as good as ever where one exchange has begun; what is amiss is told."""
    async with probed(repository, BEGUN) as ask:
        reply = await ask("/readyz")
    assert (reply.status, reply.body["status"]) == (200, "ready")
    assert reply.body["reasons"] == [
        "not begun: kucoin",
        "rows are not written: no room",
        "7 bytes wait in the spool",
    ]
    assert reply.body["collecting"] == {"binance": True, "kucoin": False}


async def test_not_ready_before_collecting_has_begun(repository: PostgresRepository) -> None:
    """503, as a problem with its reasons; nothing is said of the database but that it answers."""
    async with probed(repository, State(collecting={"binance": False})) as ask:
        reply = await ask("/readyz")
    assert (reply.status, reply.body["status"], reply.body["title"]) == (503, 503, "Not ready")
    assert reply.body["reasons"] == ["collecting has not begun"]
    assert reply.body["detail"] == "collecting has not begun"
    assert reply.body["database"] == "ok"


async def test_a_loop_that_is_late_does_not_live(repository: PostgresRepository) -> None:
    """By its own heartbeat: ten seconds are too many."""
    async with probed(repository, State(late_seconds=9.9)) as ask:
        assert (await ask("/livez")).status == 200
    async with probed(repository, State(late_seconds=10.0)) as ask:
        reply = await ask("/livez")
    assert (reply.status, reply.body) == (503, {"status": "late", "late_seconds": 10.0})


async def test_the_porch_says_what_is_waited_for() -> None:
    """Before there is a database: alive, not ready and why; what is asked is to be asked again."""
    waits = "the database is being opened"
    async with asking(create_porch(Said(State(waits_for=waits)), now=lambda: NOW)) as ask:
        assert (await ask("/livez")).status == 200
        ready = await ask("/readyz")
        assert (ready.status, ready.body["title"]) == (503, "Starting")
        assert (ready.body["database"], ready.body["reasons"]) == ("starting", [waits])
        assert (await ask("/metrics")).text == b"database_up 0\n"
        for path in ("/api/v1/trades?limit=1", "/nowhere"):
            reply = await ask(path)
            assert (reply.status, reply.body["title"]) == (503, "Starting"), path
            assert reply.headers["Retry-After"] == "2"


async def test_probes_alone(repository: PostgresRepository) -> None:
    """Nothing else is there."""
    async with probed(repository, State()) as ask:
        assert (await ask("/readyz")).status == 200
        assert (await ask("/metrics")).headers["Content-Type"].startswith("text/plain; version=")
        assert (await ask("/api/v1/trades")).status == 404


@asynccontextmanager
async def probed(repository: PostgresRepository, state: State) -> AsyncGenerator[Ask]:
    async with asking(create_probes(Said(state), repository, now=lambda: NOW)) as ask:
        yield ask


async def test_the_database_is_stopped(directory: Path, tmp_path: Path) -> None:
    """Alive, not ready, degraded; every question is answered 503, and 200 when it is back."""
    async with AsyncExitStack() as first:
        url = await first.enter_async_context(embedded(directory))
        async with open_repository(url, tmp_path) as repository:
            await store_markets(repository)
            app = create_app(repository, exchanges=EXCHANGES, now=lambda: NOW, process=Said())
            async with asking(app) as ask:
                await check(ask)
                await first.aclose()
                await check_away(ask)
                async with embedded(directory):
                    await check(ask)


async def store_markets(repository: PostgresRepository) -> None:
    await repository.store_markets(MARKETS, simulated=True)
    await repository.store_markets(OTHERS, simulated=False)


async def check(ask: Ask) -> None:
    assert (await ask("/metrics")).text == b"database_up 1\n"
    for path in ("/livez", "/readyz", "/api/v1/trades", "/api/v1/stats"):
        assert (await ask(path)).status == 200, path


async def check_away(ask: Ask) -> None:
    assert (await ask("/livez")).status == 200
    health = await ask("/api/v1/health")
    assert (health.status, health.body) == (
        200,
        {
            "status": "degraded",
            "version": version("perps-stats"),
            "database": "away",
            "simulated": None,
            "exchanges": None,
            "served_at": SERVED,
        },
    )
    assert (await ask("/metrics")).text == b"database_up 0\n"
    for path in ("/readyz", "/api/v1/trades", "/api/v1/tickers?symbol=BTC", "/api/v1/stats"):
        reply = await ask(path)
        assert (reply.status, reply.body["title"]) == (503, "Database away"), path
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.headers["Retry-After"] == "2"
