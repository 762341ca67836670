"""Every example of docs/websocket.md is taken, or told, by the server as it stands there."""

import json
import re
from pathlib import Path

import msgspec

from perps_stats.api.live import messages
from perps_stats.api.live.requests import MOST_LEVELS, read_request
from perps_stats.api.live.topics import REMEMBERED_BYTES, REMEMBERED_SECONDS, ROWS_AT_ONCE
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.live import BOOK_LEVELS, EVENTS

from .spoken import Message, Spoken, gap, streaming, ticker

DOCUMENT = (Path(__file__).parents[3] / "docs/websocket.md").read_text(encoding="utf-8")
EXAMPLES = [
    msgspec.json.decode(line, type=dict[str, object])
    for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    for line in block.splitlines()
]
BTC = {"exchange": "binance", "symbol": "BTC"}


def example(kind: str, **fields: object) -> dict[str, object]:
    (found,) = [
        each for each in EXAMPLES if each.get("type") == kind and fields.items() <= each.items()
    ]
    return found


def assert_shown(shown: object, told: object) -> None:
    """All that is shown is told; numbers and times are of the moment, rows are cut short."""
    if isinstance(shown, dict) and isinstance(told, dict):
        assert set(shown) <= set(told)
        for name, value in shown.items():
            if name not in {"seq", "ts"}:
                assert_shown(value, told[name])
    elif isinstance(shown, list) and isinstance(told, list):
        assert len(shown) == len(told)
        for one, other in zip(shown, told, strict=True):
            assert_shown(one, other)
    else:
        assert shown == told


def test_every_request_is_taken() -> None:
    """As it stands there."""
    requests = [each for each in EXAMPLES if "op" in each]
    assert len(requests) == 6
    for request in requests:
        read_request(json.dumps(request).encode())


async def test_what_is_told() -> None:
    """Each kind of message has the fields that are shown, in that order, and no other."""
    source = Spoken()
    source.say("tickers", ticker(100))
    heard: list[Message] = []
    async with streaming(source) as stream, stream.client() as client:
        await client.ask("subscribe", id=1, channels=[{"data_set": "tickers", **BTC}])
        heard += [await client.told(), await client.told()]
        source.say("tickers", ticker(101))
        heard.append(await client.told())
        source.say("gaps", gap("best"))
        heard.append(await client.told())
        await client.ask("subscribe", channels=[{"data_set": "trades", **BTC, "from": 1}])
        await client.told()
        heard.append(await client.told())
        await client.ask("subscribe", id=1, channels=[{"data_set": "funding-rates", **BTC}])
        heard.append(await client.told())
    shown = [
        example("subscribed"),
        example("snapshot"),
        example("update"),
        example("gap", of="feed"),
        example("gap", of="delivery"),
        example("error"),
    ]
    for one, other in zip(shown, heard, strict=True):
        assert list(one) == list(other.raw)
        assert_shown(one, other.raw)


def test_a_heartbeat() -> None:
    """Is shown as it is."""
    text = messages.heartbeat("2026-03-01T12:00:10.000000Z")[2:]
    assert msgspec.json.decode(text) == example("heartbeat")


def test_figures_and_names() -> None:
    """Those of the program."""
    for name in DATA_SETS:
        assert f"`{name}`" in DOCUMENT
    states = DOCUMENT.split("of a **state** (")[1].split(")")[0]
    assert set(re.findall(r"\w+", states)) == set(DATA_SETS) - EVENTS
    assert f"1 to {MOST_LEVELS} levels a side, {BOOK_LEVELS} if nothing is said" in DOCUMENT
    assert f"at most {ROWS_AT_ONCE} in a message" in DOCUMENT
    assert (REMEMBERED_SECONDS, REMEMBERED_BYTES) == (120, 1 << 20)
    assert "two minutes, up to 1 MiB" in DOCUMENT
