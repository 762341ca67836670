"""Keys to the API as they are stored."""

from datetime import UTC, datetime, timedelta

from perps_stats.core.keys import Key, KeyScope, new_key
from perps_stats.database.keys import delete_key, keep_key, revoke_key, stored_keys
from perps_stats.database.link import Link

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def made(second: int, expires_at: datetime | None = None) -> Key:
    created = NOW + second * SECOND
    return new_key(tuple(KeyScope), name="me", created_at=created, expires_at=expires_at)[1]


async def test_a_key_is_kept_as_it_is(link: Link) -> None:
    """All of it, the newest first; those that are gone are not there."""
    first, second = made(0), made(1, NOW + timedelta(days=90))
    for key in (first, second):
        await keep_key(link, key, NOW)
    assert await stored_keys(link) == [second, first]
    assert await delete_key(link, first.id)
    assert await stored_keys(link) == [second]
    assert not await delete_key(link, first.id)


async def test_the_first_revocation_counts(link: Link) -> None:
    """A later one changes nothing; of an unknown key there is none."""
    key = made(0)
    await keep_key(link, key, NOW)
    for at in (NOW + SECOND, NOW + 2 * SECOND):
        assert await revoke_key(link, key.id, at)
    assert [one.revoked_at for one in await stored_keys(link)] == [NOW + SECOND]
    assert not await revoke_key(link, "other", NOW)


async def test_a_key_takes_the_place_of_another(link: Link) -> None:
    """Both in one transaction: the old one is revoked, then or later."""
    old, new = made(0), made(1)
    await keep_key(link, old, NOW)
    await keep_key(link, new, NOW + 5 * SECOND, instead_of=old.id)
    revoked = {key.id: key.revoked_at for key in await stored_keys(link)}
    assert revoked == {old.id: NOW + 5 * SECOND, new.id: None}
