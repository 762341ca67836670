"""The client for those who do not await, and what becomes of it."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from tests.api.rows import TICKER

from perps_stats.client import AsyncClient, Client
from perps_stats.client.errors import ClientError, NotReached
from perps_stats.core.errors import BadInput

R = TypeVar("R")
NOBODY = "http://127.0.0.1:1"


def threads() -> int:
    return sum(each.name == "perps-stats client" for each in threading.enumerate())


def in_a_loop(work: Callable[[], R]) -> R:
    """As a notebook calls it: from a thread whose loop is running."""

    async def cell() -> R:
        return work()

    return asyncio.run(cell())


@pytest.mark.usefixtures("stored")
async def test_the_same_answers(address: str) -> None:
    """Rows, what is said of them, and pages; also where a loop is running already."""

    def ask() -> None:
        with Client(address, patience_seconds=0) as client:
            assert [trade.id for trade in client.trades()] == ["7"]
            assert client.tickers(symbol="BTC").all() == [TICKER]
            assert client.liquidity().meta.units["bid_1bps"] == "quote"
            assert [len(page) for page in client.gaps().pages()] == [1]

    await asyncio.to_thread(in_a_loop, ask)


@pytest.mark.usefixtures("stored")
async def test_an_answer_keeps_its_client(address: str) -> None:
    """One line asks: what nobody holds any more ends with its thread."""
    before = threads()

    def ask() -> list[str]:
        return [trade.id for trade in Client(address, patience_seconds=0).trades()]

    assert await asyncio.to_thread(ask) == ["7"]
    gc.collect()
    assert threads() == before


def test_a_closed_client_says_so() -> None:
    """Twice is once."""
    client = Client(NOBODY, patience_seconds=0)
    client.close()
    client.close()
    with pytest.raises(ClientError, match="this client is closed"):
        client.trades().all()


def test_an_error_is_the_callers() -> None:
    """It comes out of the thread as what it is."""
    with Client(NOBODY, patience_seconds=0) as client, pytest.raises(NotReached, match=NOBODY):
        client.trades().all()


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_an_address_that_is_none(make: Callable[[str], object]) -> None:
    """One clear line, and no thread that waits."""
    before = threads()
    with pytest.raises(BadInput) as raised:
        make("127.0.0.1:8080")
    assert str(raised.value) == (
        "url: '127.0.0.1:8080' is not accepted; begin it with http:// or https://"
    )
    assert threads() == before


def test_the_package_is_there_at_once() -> None:
    """The clients are loaded when they are wanted; a program that leaves one open ends in quiet."""
    program = """
import sys, perps_stats
assert "aiohttp" not in sys.modules and "msgspec" not in sys.modules
from perps_stats import Client
client = Client("http://127.0.0.1:1", patience_seconds=0)
try:
    client.trades().all()
except Exception as error:
    print(type(error).__name__)
try:
    perps_stats.nothing
except AttributeError as error:
    print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.stdout == "NotReached\nmodule 'perps_stats' has no attribute 'nothing'\n"
