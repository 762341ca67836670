"""A loop of virtual time: who waits gets the time that it waits for, at once.

No thread, no socket, no clock: what runs here runs the same again.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NoReturn, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
MOST_IN_CIRCLES = 1_000_000
"""Turns of the loop in which no time passes."""


class Stuck(Exception):
    """Nothing is left to wait for, or time no longer passes."""


class _Waits(selectors.BaseSelector):
    """No file is ever ready. ``now`` is the time, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self._in_circles = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck(f"at {self.now:.3f} s nothing is left to wait for")
        self._in_circles = 0 if timeout > 0 else self._in_circles + 1
        if self._in_circles > MOST_IN_CIRCLES:
            self._in_circles = 0
            raise Stuck(f"at {self.now:.3f} s time no longer passes")
        self.now += max(timeout, 0.0)
        return []

    def register(self, fileobj: object, events: int, data: object = None) -> NoReturn:
        del events, data
        raise Stuck(f"no file and no socket belongs here: {fileobj}")

    def unregister(self, fileobj: object) -> NoReturn:
        raise Stuck(f"no file and no socket belongs here: {fileobj}")

    def get_map(self) -> NoReturn:
        raise Stuck("no file and no socket belongs here")


class VirtualLoop(asyncio.SelectorEventLoop):
    """``permit`` is asked before work for a thread, which is done in place."""

    def __init__(self) -> None:
        self._waits = _Waits()
        self.permit: Callable[[], None] = lambda: None
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        del executor
        done: asyncio.Future[T] = self.create_future()
        try:
            self.permit()
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 it is the caller's
            done.set_exception(error)
        return done

    def _make_self_pipe(self) -> None:
        """Nobody outside the loop's own thread has to wake it."""

    def _close_self_pipe(self) -> None:
        """There is none."""

    def _write_to_self(self) -> None:
        """It is awake."""
