"""Turns: of each caller so many questions are answered at once, and its others wait, in order.

Else who asks a hundred at once would have all others wait for a hundred answers. Who has used up
its quota comes after all others.
"""

from asyncio import Event, Future, get_running_loop, timeout
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

AT_ONCE = 4
PATIENCE_SECONDS = 1.0
"""So long who comes last waits for a moment in which nobody is answered."""


class Turns:
    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._busy: dict[str, int] = {}
        self._waiting: dict[str, deque[Future[None]]] = {}
        self._answering = 0
        self._idle = Event()

    @asynccontextmanager
    async def turn(self, caller: str, *, is_last: bool = False) -> AsyncGenerator[None]:
        if self._busy.get(caller, 0) < self._at_once:
            self._busy[caller] = self._busy.get(caller, 0) + 1
        else:
            await self._wait(caller)
        try:
            if is_last:
                await self._lull()
            self._answering += 1
            self._idle.clear()
            try:
                yield
            finally:
                self._answering -= 1
                if not self._answering:
                    self._idle.set()
        finally:
            self._pass_on(caller)

    async def _lull(self) -> None:
        """One at a time: the first to wake ends it."""
        with suppress(TimeoutError):
            async with timeout(PATIENCE_SECONDS):
                while self._answering:
                    await self._idle.wait()

    async def _wait(self, caller: str) -> None:
        turn = get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._pass_on(caller)  # it was called off when its turn had come
            raise

    def _pass_on(self, caller: str) -> None:
        """To who waits longest; where nobody does, one fewer is busy."""
        waiting = self._waiting.get(caller)
        while waiting:
            turn = waiting.popleft()
            if not waiting:
                del self._waiting[caller]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy[caller] -= 1
        if not self._busy[caller]:
            del self._busy[caller]
