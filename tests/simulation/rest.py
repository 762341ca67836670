"""Asking a venue over a network without sockets: what ``net.http`` is to the collector, with a
latency and with faults.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from msgspec import Struct
from tests.simulation.venue import Answered, Venue

from perps_stats.core.errors import ExchangeError, RateLimited, Unreachable, Unreadable
from perps_stats.exchanges.contract import Answer, Ask, Request
from perps_stats.feed.budget import Budget
from perps_stats.ingest.outside import steady

ATTEMPTS = 3
LATENCY_SECONDS = 0.1
SLOW_SECONDS = 3.0
TIMEOUT_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
OK, REFUSED, SLOW_DOWN, BANNED, BROKEN = 200, 400, 429, 418, 503


class RestFault(StrEnum):
    SLOW = "slow"
    FAILS = "fails"
    SILENT = "silent"
    SLOW_DOWN = "429"
    BANNED = "418"
    STALE = "stale"


class Weather(Struct):
    """What REST of a venue is like until then, in seconds of the loop."""

    fault: RestFault | None = None
    until: float = 0.0


class Desk:
    """A venue's REST as it is seen over the network. ``told`` is what it said before, by question:
    what it says again when it is stale.
    """

    def __init__(self, venue: Venue, chance: Random) -> None:
        self.venue = venue
        self.weather = Weather()
        self._chance = chance
        self._before: dict[str, Answered] = {}

    async def ask(self, request: Request) -> Answered:
        """Raises ``OSError`` where nothing comes back."""
        fault = self.weather.fault if steady() < self.weather.until else None
        latency = LATENCY_SECONDS * self._chance.uniform(0.5, 1.0)
        await asyncio.sleep(latency / 2)
        match fault:
            case RestFault.SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            case RestFault.SILENT:
                await asyncio.sleep(TIMEOUT_SECONDS)
                raise TimeoutError("no answer in time")
            case RestFault.FAILS:
                return Answered(BROKEN, {}, b"{}")
            case RestFault.SLOW_DOWN | RestFault.BANNED:
                left = f"{max(self.weather.until - steady(), 1):.0f}"
                return Answered(int(fault.value), {"Retry-After": left}, b"{}")
        told = await self._told(request, stale=fault is RestFault.STALE)
        await asyncio.sleep(latency / 2)
        return told

    async def _told(self, request: Request, *, stale: bool) -> Answered:
        question = f"{request.method} {request.path} {sorted(request.query.items())}"
        if stale and question in self._before:
            return self._before[question]
        told = self._before[question] = await self.venue.ask(request)
        return told


class _Transient(Exception):
    def __init__(self, cause: ExchangeError) -> None:
        self.cause = cause


class Sender:
    """As ``net.http.HttpSender``."""

    simulated = True

    def __init__(self, desk: Desk, now: Callable[[], datetime], chance: Random) -> None:
        self.budget = Budget(desk.venue.exchange.rest.limits)
        self._desk = desk
        self._rest = desk.venue.exchange.rest
        self._now = now
        self._chance = chance

    async def send(self, ask: Ask) -> Answer:
        if isinstance(ask, Request):
            return await self._one(ask)
        return tuple(await asyncio.gather(*map(self._one, ask)))

    async def _one(self, request: Request) -> bytes:
        for attempt in range(ATTEMPTS):
            try:
                return await self._attempt(request)
            except _Transient as failure:
                if attempt == ATTEMPTS - 1:
                    raise failure.cause from failure
                await asyncio.sleep(0.2 * 2**attempt * self._chance.uniform(0.5, 1.5))
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, request: Request) -> bytes:
        await self._turn(request)
        try:
            told = await self._desk.ask(request)
        except OSError as error:
            raise _Transient(Unreachable(f"{request.path} does not answer ({error})")) from error
        self.budget.learn(request, told.headers, steady())
        return self._judged(told)

    async def _turn(self, request: Request) -> None:
        while wait := self.budget.wait(request, steady()):
            if wait > PATIENCE_SECONDS or self.budget.is_banned(steady()):
                banned = self.budget.is_banned(steady())
                raise RateLimited(self._now() + timedelta(seconds=wait), banned=banned)
            await asyncio.sleep(wait)
        self.budget.spend(request, steady())

    def _judged(self, told: Answered) -> bytes:
        if told.status in {SLOW_DOWN, BANNED}:
            seconds, banned = float(told.headers["Retry-After"]), told.status == BANNED
            self.budget.silence(seconds, steady(), banned=banned)
            limited = RateLimited(self._now() + timedelta(seconds=seconds), banned=banned)
            if banned or seconds > PATIENCE_SECONDS:
                raise limited
            raise _Transient(limited)
        if refused := self._rest.refusal(told.status, told.body):
            raise refused
        if told.status >= BROKEN:
            raise _Transient(Unreachable(f"answers HTTP {told.status}"))
        if told.status != OK:
            raise Unreadable(f"HTTP {told.status} without an error code", told.body)
        return told.body
