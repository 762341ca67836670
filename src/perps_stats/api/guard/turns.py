"""Turns: of each caller so many questions are answered at once, and its others wait, in order.

Else who asks a hundred at once would have all others wait for a hundred answers.
"""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

AT_ONCE = 4


class Turns:
    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._busy: dict[str, int] = {}
        self._waiting: dict[str, deque[Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncGenerator[None]:
        if self._busy.get(caller, 0) < self._at_once:
            self._busy[caller] = self._busy.get(caller, 0) + 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            self._pass_on(caller)

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
