"""A plain client of a simulated Lighter, and a book kept by the exchange's published rule.

Written from the wire reference, apart from the simulator and from the product.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal

from perps_stats.sim import Truth

from .wire import NOON, PATIENCE_SECONDS, Client, Clock, Json, Reply, Socket, simulated

HERE = NOON + 34_567
STREAM = "/stream?readonly=true"


def market(
    clock: Callable[[], int] | None = None, **settings: Json
) -> AbstractAsyncContextManager[Client]:
    """Its clock stands still 34.567 s after noon unless another is given."""
    settings = {"symbols": ("BTC", "ETH")} | settings
    return simulated(exchange="lighter", clock=clock or Clock(HERE), **settings)


async def ask(client: Client, name: str, **query: object) -> Reply:
    return await client.request("GET", f"/api/v1/{name}", **query)


async def told(client: Client, name: str, **query: object) -> Json:
    """A good answer."""
    reply = await ask(client, name, **query)
    assert (reply.status, reply.json()["code"]) == (200, 200), reply
    return reply.json()


async def say(stream: Socket, kind: str, channel: str) -> None:
    await stream.send_json({"type": kind, "channel": channel})


async def heard(stream: Socket, *kinds: str, seconds: float = PATIENCE_SECONDS) -> Json:
    """The next frame of one of these types; ``error`` is one that bears none."""
    async with asyncio.timeout(seconds):
        while True:
            frame = await stream.receive_json()
            if frame.get("type", "error") in kinds:
                return frame


class BrokenChainError(Exception):
    pass


class Replica:
    """A book by nonces: exact decimals, absolute sizes, zero removes."""

    def __init__(self, snapshot: Json) -> None:
        assert snapshot["type"] == "subscribed/order_book"
        assert snapshot["order_book"]["begin_nonce"] == 0
        self.sides: dict[str, dict[Decimal, Decimal]] = {"bids": {}, "asks": {}}
        self._set(snapshot["order_book"])

    def apply(self, update: Json) -> None:
        assert update["type"] == "update/order_book"
        if update["order_book"]["begin_nonce"] != self.nonce:
            raise BrokenChainError(update["order_book"]["begin_nonce"], self.nonce)
        self._set(update["order_book"])

    def _set(self, book: Json) -> None:
        self.nonce = book["nonce"]
        for name, side in self.sides.items():
            for level in book[name]:
                side[Decimal(level["price"])] = Decimal(level["size"])
                if not Decimal(level["size"]):
                    del side[Decimal(level["price"])]

    def agrees_with(self, truth: Truth) -> bool:
        return self.sides == {"bids": dict(truth.bids), "asks": dict(truth.asks)}
