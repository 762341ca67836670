"""The faces of a process, on a port: what stands in front of them tells of all that comes."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families
from tests.api.guard.known import Raw

from perps_stats.app.answering import Face, open_port
from perps_stats.app.condition import Condition
from perps_stats.app.live import LiveFeeds
from perps_stats.settings import ApiSettings

HTTP = b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HANDSHAKE = (
    b"GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
NOT_HTTP = b"not as RFC 9112 has it\r\n\r\n"


async def asked(address: tuple[str, int], said: bytes) -> bytes:
    raw = Raw(*await asyncio.open_connection(*address))
    await raw.say(said)
    told = await raw.rest()
    raw.writer.close()
    return told


def counts(told: bytes, name: str) -> dict[str, float]:
    """Those that are not 0, by the value of their label."""
    families = text_string_to_metric_families(told.partition(b"\r\n\r\n")[2].decode())
    samples = [each for family in families for each in family.samples]
    return {
        next(iter(each.labels.values())): each.value
        for each in samples
        if each.name == f"perps_stats_{name}" and each.value
    }


async def test_every_door_is_counted() -> None:
    """Answers, what is no HTTP, and handshakes: in one sum, also before keys are known."""
    settings, until = ApiSettings(port=0), asyncio.Event()
    face = Face(Condition(collects=False), settings, LiveFeeds())
    listener = open_port(settings)
    address: tuple[str, int] = listener.getsockname()[:2]
    serving = asyncio.create_task(face.serve(listener, until))
    try:
        for said in (HTTP % b"/livez", HTTP % b"/api/v1/tickers", NOT_HTTP, HANDSHAKE):
            await asked(address, said)
        told = await asked(address, HTTP % b"/metrics")
    finally:
        until.set()
        await serving
    assert counts(told, "http_requests_total") == {"200": 1, "400": 1, "503": 2}
    assert counts(told, "http_refused_total") == {"bad-request": 1, "starting": 2}
