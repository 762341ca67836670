"""A loop in a thread of its own, for those who do not await: also where a loop is running already,
as in a notebook.
"""

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from threading import Thread, current_thread
from typing import TypeAlias, TypeVar

from perps_stats.client.errors import ClientError

R = TypeVar("R")
Close: TypeAlias = Callable[[], Coroutine[object, object, None]]


class Background:
    """Call it with a coroutine to have its result. It ends, after ``close``, when it is told to,
    when nobody holds it any more, and with the program.
    """

    def __init__(self, close: Close) -> None:
        self._loop = asyncio.new_event_loop()
        thread = Thread(target=_work, args=(self._loop,), name="perps-stats client", daemon=True)
        thread.start()
        self.end = weakref.finalize(self, _end, self._loop, thread, close)

    def __call__(self, coroutine: Coroutine[object, object, R]) -> R:
        """Who is interrupted gives it up there, too."""
        if not self.end.alive:
            coroutine.close()
            raise ClientError("this client is closed")
        running = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return running.result()
        except BaseException:
            running.cancel()
            raise


def _work(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: Thread, close: Close) -> None:
    async def finish() -> None:
        await close()
        loop.stop()

    asyncio.run_coroutine_threadsafe(finish(), loop)
    if thread is not current_thread():  # the collector of garbage may be at work in any thread
        thread.join()
