"""The simulator as a server: addresses, the mark on every answer, a clean end."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim import HEADER, SimSettings, Simulator
from perps_stats.sim.server import DIALECTS

from . import toy
from .tapes import write_tape
from .wire import NOON, Clock, next_message, receive, simulated


async def test_addresses_are_on_loopback() -> None:
    """REST and WebSocket share one port of 127.0.0.1."""
    async with simulated() as client:
        port = client.venue.port
        assert client.venue.rest_url == f"http://127.0.0.1:{port}"
        assert client.venue.ws_url == f"ws://127.0.0.1:{port}"


@pytest.mark.parametrize("mode", ["model", "tape"])
async def test_every_answer_says_that_it_is_simulated(mode: str, tmp_path: Path) -> None:
    """The header is on answers, refusals, unknown paths and handshakes."""
    tape = write_tape(tmp_path / "t.jsonl") if mode == "tape" else None
    async with simulated(tape=tape) as client:
        for path, query in (("ping", {}), ("depth", {}), ("nowhere", {}), ("depth", {"limit": 3})):
            assert (await client.ask(path, **query)).headers[HEADER] == mode
        async with client.connect("/public/ws") as stream:
            assert stream._response.headers[HEADER] == mode
        assert client.simulator.mode == mode


async def last_message(stream: aiohttp.ClientWebSocketResponse) -> aiohttp.WSMessage:
    while (message := await next_message(stream)).type is aiohttp.WSMsgType.TEXT:
        pass
    return message


async def test_it_ends_cleanly_while_clients_are_connected() -> None:
    """Open streams and a request that is never answered do not outlive the simulator."""
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with Simulator(SimSettings(faults=("hang:ping:1",))) as sim:
            venue = sim.venues["binance"]
            stream = await session.ws_connect(f"{venue.ws_url}/public/ws/btcusdt@depth@0ms")
            await receive(stream, 2)
            reading = asyncio.create_task(last_message(stream))
            hanging = asyncio.create_task(session.get(f"{venue.rest_url}/fapi/v1/ping"))
            while not venue.counters.faults["hang"]:
                await asyncio.sleep(0.01)
        assert (await reading).type is aiohttp.WSMsgType.CLOSE
        assert stream.close_code == aiohttp.WSCloseCode.GOING_AWAY
        await asyncio.gather(hanging, return_exceptions=True)
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{venue.rest_url}/fapi/v1/ping")
    assert asyncio.all_tasks() == before


async def test_a_port_in_use_is_one_clear_line() -> None:
    """The error names the port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port: {port} .* 0 is any free one"):
            async with Simulator(SimSettings(port=port)):
                pass


async def test_all_exchanges_are_simulated_unless_some_are_named() -> None:
    """Each on the port after the one before, or on any free one."""
    async with Simulator(SimSettings()) as sim:
        assert list(sim.venues) == list(DIALECTS)
        assert len({venue.port for venue in sim.venues.values()}) == len(DIALECTS)


async def test_generosity_is_every_venues() -> None:
    """Lighter takes 120 requests a minute instead of 60; KuCoin tells the greater pool."""
    settings = SimSettings(exchanges=("kucoin", "lighter"), generosity=2)
    async with Simulator(settings, clock=Clock()) as sim, aiohttp.ClientSession() as session:
        url = f"{sim.venues['kucoin'].rest_url}/api/v1/timestamp"
        async with session.get(url) as answer:
            assert answer.headers["gw-ratelimit-limit"] == "4000"
        url = f"{sim.venues['lighter'].rest_url}/"
        statuses = [(await session.get(url)).status for _ in range(121)]
    assert statuses == [200] * 120 + [429]


async def test_a_tape_is_played_by_an_exchange_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a name it is the one that can; another is told which one that is."""
    monkeypatch.setitem(DIALECTS, "toy", toy.of_model)
    tape = write_tape(tmp_path / "t.jsonl")
    async with Simulator(SimSettings(tape=tape)) as sim:
        assert list(sim.venues) == ["binance"]
    with pytest.raises(BadInput, match=r"exchanges: 'toy' .* only binance can play a tape"):
        async with Simulator(SimSettings(tape=tape, exchanges=("toy",))):
            pass


async def test_unknown_exchanges_and_coins_are_refused() -> None:
    """What cannot be simulated is said, with what can."""
    with pytest.raises(BadInput, match=r"exchanges: 'mtgox' .* speaks binance"):
        async with Simulator(SimSettings(exchanges=("mtgox",))):
            pass
    with pytest.raises(BadInput, match=r"symbols: 'BTCC' .* trades BTC"):
        Simulator(SimSettings(symbols=("BTCC",)))


async def test_every_exchange_lists_500_made_up_coins() -> None:
    """Each under its own name, with a book of more than a thousand levels a side."""
    settings = SimSettings(exchanges=("lighter",), symbols=("BTC",), coins=500)
    async with Simulator(settings, clock=Clock()) as sim:
        truth = sim.venues["lighter"].truth("C500")
    assert min(len(truth.bids), len(truth.asks)) > 1000
    names = {"binance": "C002USDT", "aster": "C002USDT", "kucoin": "C002USDTM"}
    names |= {"lighter": "C002", "paradex": "C002-USD-PERP"}
    async with Simulator(SimSettings(symbols=(), coins=2), clock=Clock()) as sim:
        for name, venue in sim.venues.items():
            assert venue.truth(names[name]).bids


async def test_a_clock_is_wrong_from_the_start_or_from_a_time_on() -> None:
    """Server time and the times of frames alike; it is one exchange's, not the world's."""
    clock = Clock()
    async with simulated(clock=clock, symbols=("BTC",), faults=("skew:@0s:-3.5",)) as client:
        assert (await client.rows("time"))["serverTime"] == NOON - 3500
        async with client.connect("/public/ws") as stream:
            params = ["btcusdt@depth@0ms"]
            await stream.send_json({"method": "SUBSCRIBE", "params": params, "id": 1})
            await receive(stream, 1)
            clock.now = NOON + 1000
            assert (await receive(stream, 1))[0]["E"] == NOON - 2500
            client.venue.inject("skew", seconds=2)
            assert (await receive(stream, 1))[0]["E"] == NOON + 3000


async def test_all_exchanges_tell_one_price() -> None:
    """Each has a world of its own, and the same index."""
    async with Simulator(SimSettings(symbols=("BTC",)), clock=Clock()) as sim:
        names = {"binance": "BTCUSDT", "kucoin": "XBTUSDTM", "lighter": "BTC"}
        marks = [float(sim.venues[name].source(of).mark().index) for name, of in names.items()]
    assert max(marks) / min(marks) < 1.001


@pytest.mark.parametrize("fault", ["reorder:3", "oldbook:1", "skew:@1s:2", "chaos:7:3"])
async def test_a_tape_takes_only_what_it_can_play(fault: str, tmp_path: Path) -> None:
    """What would change the words of a recording is refused."""
    tape = write_tape(tmp_path / "t.jsonl")
    with pytest.raises(BadInput, match="a tape tells what it holds"):
        Simulator(SimSettings(tape=tape, faults=(fault,)))


async def test_chaos_befalls_a_running_exchange() -> None:
    """Two hundred faults a minute: within a second or two some have happened."""
    async with simulated(symbols=("BTC",), faults=("chaos:7:6000",)) as client:
        while client.venue.counters.faults.total() < 5:
            async with aiohttp.ClientSession() as session:
                try:
                    url = f"{client.venue.ws_url}/public/ws/btcusdt@depth@0ms/btcusdt@trade"
                    stream = await session.ws_connect(url, max_msg_size=1000)
                    await stream.receive(timeout=0.5)
                except (aiohttp.ClientError, TimeoutError):
                    continue
