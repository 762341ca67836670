"""How long an answer holds: as long as what it stands on is as it was."""

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

from perps_stats.core.live import LiveSource

LISTED_SECONDS = 5.0
"""Markets come and go without a version."""
STORED_SECONDS = 0.5
"""What came from the database may be so old: other processes write there, and do not tell."""
Topic: TypeAlias = tuple[str, str, str]
"""Data set, exchange, symbol."""


class Fresh(Struct, frozen=True):
    """The versions that were known when it was made, and for how many seconds it holds at most."""

    versions: tuple[tuple[Topic, int], ...]
    seconds: float

    def holds(self, live: LiveSource | None) -> bool:
        """Whether nothing newer is known than what it was made of."""
        return live is None or all(live.version(*topic) == known for topic, known in self.versions)


def versions_of(
    live: LiveSource | None, data_set: str, markets: Iterable[tuple[str, str]]
) -> tuple[tuple[Topic, int], ...]:
    if live is None:
        return ()
    topics = [(data_set, *market) for market in markets]
    return tuple((topic, live.version(*topic)) for topic in topics)
