"""Whether we live, whether we can answer, and how we are."""

from msgspec import Struct

from perps_stats.api.deadline import in_time
from perps_stats.api.sources import Sources
from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import StoredExchange
from perps_stats.core.times import rfc3339

PROBE_SECONDS = 3.0


class Health(Struct, frozen=True, kw_only=True):
    """``status`` is ``degraded`` where the database is away; the rest is then not known."""

    status: str
    version: str
    database: str
    simulated: bool | None
    """Whether any stored exchange is simulated."""
    exchanges: list[str] | None
    """Those that are stored."""
    served_at: str


async def ask_database(sources: Sources) -> list[StoredExchange]:
    """Raises ``DatabaseError`` where a query is not answered in time."""
    return await in_time(PROBE_SECONDS, sources.repository.get_exchanges())


async def health(sources: Sources, version: str) -> Health:
    served_at = rfc3339(sources.now())
    try:
        stored = await ask_database(sources)
    except DatabaseError:
        return Health(
            status="degraded",
            version=version,
            database="away",
            simulated=None,
            exchanges=None,
            served_at=served_at,
        )
    return Health(
        status="ok",
        version=version,
        database="ok",
        simulated=any(exchange.simulated for exchange in stored),
        exchanges=[exchange.name for exchange in stored],
        served_at=served_at,
    )
