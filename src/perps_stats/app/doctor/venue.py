"""One exchange: its name, its certificate, its clock, its answers, its streams."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from perps_stats.app.clients import Asked, exchange_settings
from perps_stats.app.collect import wanted_channels
from perps_stats.app.doctor.findings import Finding, Place, Status
from perps_stats.core.errors import PerpsError, UnknownMarket, Unreachable
from perps_stats.core.types import Market, MarketStatus
from perps_stats.ingest.collector import Listening
from perps_stats.net.probe import certificate_days, resolved
from perps_stats.net.websocket import WebSocketLimits, connect
from perps_stats.settings import Settings

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
NETWORK = "see that this machine reaches the internet, its DNS, firewall and proxy"
CERTIFICATE_DAYS = 7
SKEW_WARNING, SKEW_FAILURE = 1.0, 30.0
"""Seconds beyond what the measurement leaves open."""
WHOLE_SECOND = timedelta(seconds=1)
BUSY = 0.8
"""The share of a limit of requests above which it is close."""
ANY_MARKET = Market(native="", contract="", base="", quote="", settle="")


class Look:
    """Ends at the first thing without which the next makes no sense. ``connections`` are those
    that collecting what the settings want takes; ``None``: not known.
    """

    def __init__(self, settings: Settings, asked: Asked, limit: timedelta) -> None:
        self.connections: int | None = None
        self._settings = settings
        self._asked = asked
        self._limit = limit
        self._found: list[Finding] = []
        own = exchange_settings(settings, asked.exchange)
        self._rest_url = own.rest_url or asked.exchange.rest.url
        self._listening: Listening | None = None
        if stream := asked.exchange.stream:
            wanted = [each for each in wanted_channels(settings.stream) if each in stream.paths]
            self._listening = Listening(stream, own.ws_url, own.ws_paths, wanted)

    async def run(self) -> list[Finding]:
        steps: tuple[tuple[str, Callable[[], Awaitable[None]], bool], ...] = (
            ("connection", self._connection, True),
            ("rest", self._rest, False),
            ("clock", self._clock, False),
            ("websocket", self._websocket, False),
        )
        until = asyncio.get_running_loop().time() + self._limit.total_seconds()
        for check, step, is_needed in steps:
            try:
                async with asyncio.timeout_at(until):
                    await step()
            except TimeoutError:
                seconds = self._limit.total_seconds()
                self._add(check, Status.FAILED, f"no answer within {seconds:g} s", NETWORK)
                break
            except PerpsError as error:
                text = str(error).removeprefix(f"{self._asked.exchange.name}: ")
                remedy = NETWORK if isinstance(error, Unreachable) else None
                self._add(check, Status.FAILED, text, remedy)
                if is_needed:
                    break
        self._weight()
        return self._found

    def _add(self, check: str, status: Status, found: str, remedy: str | None = None) -> None:
        self._found.append(
            Finding(
                place=Place.EXCHANGE,
                subject=self._asked.exchange.name,
                check=check,
                status=status,
                found=found,
                remedy=None if status is Status.OK else remedy,
            )
        )

    async def _connection(self) -> None:
        address = urlsplit(self._rest_url)
        host, port = address.hostname or "", address.port or PORTS[address.scheme]
        addresses = await resolved(host, port)
        began = time.monotonic()
        days = await certificate_days(addresses, host, port, encrypted=address.scheme == "https")
        took = f"{host}: {len(addresses)} addresses, connects in {_ms(began)}"
        if days is None:
            self._add("connection", Status.OK, f"{took}, not encrypted")
        else:
            status = Status.WARNING if days < CERTIFICATE_DAYS else Status.OK
            found = f"{took}, its certificate is good for {days:.0f} days"
            self._add("connection", status, found, "it ends soon: the exchange is to renew it")

    async def _rest(self) -> None:
        began = time.monotonic()
        markets = await self._asked.client.get_markets()
        found = f"lists {len(markets)} markets in {_ms(began)}"
        wanted = await self._wanted(markets)
        if self._listening is not None:
            self.connections = sum(1 for _ in self._listening.plan(wanted))
        simulated = ", simulated" if self._asked.sender.simulated else ""
        self._add("rest", Status.OK, found + simulated)

    async def _wanted(self, listed: list[Market]) -> list[Market]:
        symbols = self._settings.stream.symbols
        if tuple(symbols) == ("all",):
            return [market for market in listed if market.status is MarketStatus.TRADING]
        found: dict[str, Market] = {}
        for symbol in symbols:
            try:
                market = await self._asked.client.get_market(symbol)
            except UnknownMarket:
                continue
            found[market.native] = market
        return list(found.values())

    async def _clock(self) -> None:
        """Exchange and machine at the middle of a round trip, the better half of two."""
        clock = self._asked.exchange.rest.clock
        if clock is None:
            self._add("clock", Status.NOT_CHECKED, "it does not tell the time")
            return
        skews = [await self._skew(await_time=self._asked.client.put(clock())) for _ in range(2)]
        skew, doubt = min(skews, key=lambda each: each[1])
        beyond = abs(skew) - doubt
        status = Status.OK
        if beyond > SKEW_WARNING:
            status = Status.FAILED if beyond > SKEW_FAILURE else Status.WARNING
        ahead = "ahead of" if skew > 0 else "behind"
        found = f"this machine is {abs(skew):.3f} s {ahead} it, give or take {doubt:.3f} s"
        self._add("clock", status, found, "set this machine's clock by NTP (timedatectl, chrony)")

    async def _skew(self, await_time: Awaitable[datetime]) -> tuple[float, float]:
        """Seconds that we are ahead, and how far off that may be at most. A time without a fraction
        may be cut to the whole second.
        """
        before = datetime.now(UTC)
        told = await await_time
        trip = datetime.now(UTC) - before
        cut = timedelta() if told.microsecond else WHOLE_SECOND
        skew = before + trip / 2 - (told + cut / 2)
        return skew.total_seconds(), ((trip + cut) / 2).total_seconds()

    async def _websocket(self) -> None:
        if self._listening is None:
            self._add("websocket", Status.NOT_CHECKED, "it offers no streams")
            return
        network = self._settings.network
        limits = WebSocketLimits(
            connect_seconds=min(network.connect_seconds, self._limit.total_seconds()),
            max_frame_bytes=network.max_frame_bytes,
        )
        began = time.monotonic()
        paths = list(dict.fromkeys(path for path, _ in self._listening.plan([ANY_MARKET])))
        for path in paths:
            address = await self._listening.address(path, self._asked.sender.send, uuid4().hex)
            connection = await connect(address, lambda _frame, _recv: None, limits)
            connection.close()
        self._add("websocket", Status.OK, f"{len(paths)} opened in {_ms(began)}")

    def _weight(self) -> None:
        """As we have counted, and as the exchange has told."""
        limits = self._asked.exchange.rest.limits
        used = self._asked.sender.budget.used(time.monotonic())
        pool = max(limits, key=lambda name: used[name] / limits[name].weight)
        limit = limits[pool]
        if not used[pool]:
            return
        busy = used[pool] > BUSY * limit.weight
        found = f"{used[pool]} of {limit.weight} in {limit.seconds} s are used"
        remedy = "others use this address, too: lower exchanges.<name>.limit_factor"
        self._add("request weight", Status.WARNING if busy else Status.OK, found, remedy)


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"
