"""What kind of server it is, and how long a commit takes."""

import statistics
import time

from msgspec import Struct

from perps_stats.database.link import Link
from perps_stats.database.statements import statement

TIMES = 3


class Server(Struct, frozen=True):
    """``timescale``: the version of the extension, where it is in use."""

    version: str
    timescale: str | None

    @property
    def text(self) -> str:
        extension = f" with TimescaleDB {self.timescale}" if self.timescale else ""
        return f"PostgreSQL {self.version}{extension}"


async def server(link: Link) -> Server:
    (row,) = await link.fetch(statement("server"))
    return Server(row["version"], row["timescale"])


async def write_ms(link: Link) -> float:
    """Of a durable change of a row of ours, which then says what it said. Raises ``DatabaseError``
    where nothing can be written.
    """
    took: list[float] = []
    for _ in range(TIMES):
        began = time.monotonic()
        await link.fetch(statement("write_again"))
        took.append((time.monotonic() - began) * 1000)
    return statistics.median(took)
