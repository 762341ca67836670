"""How many rows each market has of each data set."""

from asyncio import get_running_loop
from collections.abc import Mapping
from typing import TypeAlias

from perps_stats.core.stored import StoredSeries
from perps_stats.core.traits import Repository

Name: TypeAlias = tuple[str, str, str]
"""Exchange, symbol, data set."""
KEPT_SECONDS = 60.0


class Sizes:
    """As of at most a minute ago: of large tables a part has to be read to tell them."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._read_at = 0.0
        self._rows: Mapping[Name, StoredSeries] | None = None

    async def rows(self) -> Mapping[Name, StoredSeries]:
        now = get_running_loop().time()
        rows = self._rows
        if rows is None or now - self._read_at > KEPT_SECONDS:
            found = await self._repository.get_series_sizes()
            rows = {(each.exchange, each.symbol, each.data_set): each for each in found}
            self._rows, self._read_at = rows, now
        return rows
