"""Runs what goes on until told to stop: the first signal ends it gracefully, the second at once."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from threading import Timer
from typing import NoReturn, TypeVar

import structlog

from perps_stats.core.errors import PerpsError

T = TypeVar("T")
log = structlog.get_logger()
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SIGNAL_BASE = 128
STOP_SECONDS = 5.0
GRACE_SECONDS = 4.6
CANCEL_SECONDS = 0.1
TOO_SLOW = f"did not stop within {STOP_SECONDS:.0f} s; the next start lists what was not stored"
SELDOM = 20_000
"""Rows come and go by the thousand and make no cycles: to look for some after every 700 new objects
took a fifth of a backfill's time.
"""
TIDY_SECONDS = 30.0
"""Connections that end leave cycles, too few for that count: they would pile up for hours."""


class TooSlow(PerpsError):
    pass


def run_until_told(service: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """0 where the service ended by itself, 130 or 143 where a signal ended it."""
    cut = Timer(STOP_SECONDS, _cut)
    cut.daemon = True
    try:
        return run_fast(_run(service, cut))
    finally:
        cut.cancel()


def _cut() -> NoReturn:
    """What hangs may not even notice that it was cancelled."""
    sys.stderr.write(f"perps-stats: {TOO_SLOW}\n")
    sys.stderr.flush()
    os._exit(TooSlow.exit_code)


def run_fast(work: Coroutine[None, None, T]) -> T:
    """On the faster event loop, where there is one for the platform."""
    gc.set_threshold(SELDOM)
    try:
        import uvloop  # noqa: PLC0415 not on every platform
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


async def _run(service: Callable[[asyncio.Event], Awaitable[None]], cut: Timer) -> int:
    until = asyncio.Event()
    received: list[int] = []
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if received:
            os._exit(SIGNAL_BASE + number)
        received.append(number)
        log.info("stopping", signal=signal.Signals(number).name)
        until.set()

    for each in SIGNALS:
        loop.add_signal_handler(each, on_signal, int(each))
    tidying = asyncio.create_task(_tidy())
    try:
        await _within_time(asyncio.ensure_future(service(until)), until, cut)
    finally:
        tidying.cancel()
        await _call_off()
    return SIGNAL_BASE + received[0] if received else 0


async def _tidy() -> NoReturn:
    """What is there after the start stays: it is looked at once, and a look then takes 2 ms."""
    await asyncio.sleep(TIDY_SECONDS)
    gc.collect()
    gc.freeze()
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        gc.collect()


async def _call_off() -> None:
    """Whatever still runs. What a driver begins in its turn, to tell a server that it was called
    off, is called off by the end of the loop.
    """
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    if others:
        await asyncio.wait(others, timeout=CANCEL_SECONDS)


async def _within_time(task: asyncio.Future[None], until: asyncio.Event, cut: Timer) -> None:
    """Once told, the service has ``GRACE_SECONDS`` to end; then what hangs is cut."""
    told = asyncio.ensure_future(until.wait())
    await asyncio.wait((task, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    cut.start()
    done, _ = await asyncio.wait((task,), timeout=GRACE_SECONDS)
    if not done:
        task.cancel()
        await asyncio.wait((task,), timeout=CANCEL_SECONDS)
        raise TooSlow(TOO_SLOW)
    task.result()
