"""A plain client of a simulated KuCoin, and a book kept by the exchange's published rule.

Written from the wire reference, apart from the simulator and from the product.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal

from perps_stats.sim import Truth

from .wire import NOON, PATIENCE_SECONDS, Client, Clock, Json, Reply, Socket, simulated

HERE = NOON + 74_567
"""Over a minute after a settlement of those that settle at noon."""
BTC, ETH, USD = "XBTUSDTM", "ETHUSDTM", "XBTUSDM"
LEVEL2, CANDLES = "/contractMarket/level2", "/contractMarket/limitCandle"


def market(
    clock: Callable[[], int] | None = None, **settings: Json
) -> AbstractAsyncContextManager[Client]:
    """Its clock stands still unless another is given."""
    settings = {"symbols": ("BTC", "ETH")} | settings
    return simulated(exchange="kucoin", clock=clock or Clock(HERE), **settings)


def running(**settings: Json) -> AbstractAsyncContextManager[Client]:
    """A market whose clock runs."""
    return market(Clock(HERE, 1.0), **settings)


async def ask(client: Client, path: str, **query: object) -> Reply:
    window = {name.rstrip("_"): value for name, value in query.items()}
    return await client.request("GET", f"/api/v1/{path}", **window)


async def told(client: Client, path: str, **query: object) -> Json:
    """The data of a good answer. ``from_`` is ``from``."""
    reply = await ask(client, path, **query)
    assert (reply.status, reply.json()["code"]) == (200, "200000"), reply
    return reply.json()["data"]


async def address(client: Client) -> str:
    """Of the stream, by a token."""
    reply = await client.request("POST", "/api/v1/bullet-public")
    data = reply.json()["data"]
    endpoint = data["instanceServers"][0]["endpoint"]
    path = endpoint.removeprefix(client.venue.ws_url)
    assert path != endpoint
    return f"{path}?token={data['token']}&connectId=probe"


@asynccontextmanager
async def stream(client: Client) -> AsyncIterator[Socket]:
    """A connection that was welcomed."""
    async with client.connect(await address(client)) as socket:
        assert await socket.receive_json(timeout=PATIENCE_SECONDS) == {
            "id": "probe",
            "type": "welcome",
        }
        yield socket


async def say(socket: Socket, kind: str, topic: str, number: str = "1") -> None:
    await socket.send_json(
        {"id": number, "type": kind, "topic": topic, "privateChannel": False, "response": True}
    )


async def heard(socket: Socket, subject: str, seconds: float = PATIENCE_SECONDS) -> Json:
    """The next frame of a subject, or of a type that bears none."""
    async with asyncio.timeout(seconds):
        while True:
            frame = await socket.receive_json()
            if frame.get("subject", frame["type"]) == subject:
                return frame


class MissedError(Exception):
    pass


class Replica:
    """A book in lots: each change is the sequence one above the last."""

    def __init__(self, snapshot: Json) -> None:
        self.sequence: int = snapshot["sequence"]
        self.bids, self.asks = (
            {Decimal(str(price)): lots for price, lots in snapshot[side]}
            for side in ("bids", "asks")
        )

    def apply(self, frame: Json) -> None:
        data = frame["data"]
        if data["sequence"] <= self.sequence:
            return
        if data["sequence"] != self.sequence + 1:
            raise MissedError(self.sequence, data["sequence"])
        self.sequence = data["sequence"]
        price, name, lots = data["change"].split(",")
        side = self.bids if name == "buy" else self.asks
        side[Decimal(price)] = int(lots)
        if lots == "0":
            del side[Decimal(price)]

    def agrees_with(self, truth: Truth, lot: Decimal) -> bool:
        bids, asks = (
            {price: lots * lot for price, lots in side.items()} for side in (self.bids, self.asks)
        )
        return (bids, asks) == (dict(truth.bids), dict(truth.asks))
