"""What kind of server it is, and whether it takes a durable write."""

from perps_stats.database.health import Server, server, write_ms
from perps_stats.database.link import Link
from perps_stats.database.rollups import is_timescale

MIGRATIONS = "select number, name, checksum, applied_at from schema_migrations order by number"


async def test_the_server_says_what_it_is(link: Link) -> None:
    """Its version, and that of the extension where it is in use."""
    told = await server(link)
    assert told.version == (await link.fetch("show server_version"))[0][0]
    assert (told.timescale is not None) is await is_timescale(link)


def test_a_reader_is_told_of_the_extension() -> None:
    """Where there is one."""
    assert Server("18.1", None).text == "PostgreSQL 18.1"
    assert Server("17.2", "2.19.0").text == "PostgreSQL 17.2 with TimescaleDB 2.19.0"


async def test_a_write_changes_nothing(link: Link) -> None:
    """A row is written anew, and says what it said; it took time."""
    before = await link.fetch(MIGRATIONS)
    newest = "select xmin::text from schema_migrations order by number desc limit 1"
    written = await link.fetch(newest)
    assert await write_ms(link) > 0
    assert await link.fetch(MIGRATIONS) == before
    assert await link.fetch(newest) != written
