"""The keys to the API as they are stored."""

from datetime import datetime

from perps_stats.core.keys import Key
from perps_stats.database.link import Link
from perps_stats.database.statements import statement


async def stored_keys(link: Link) -> list[Key]:
    """All of them, the newest first. Raises ``DatabaseError``, as all here."""
    return [
        Key(
            id=row["key_id"],
            digest=row["digest"],
            scopes=tuple(row["scopes"]),
            name=row["name"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            revoked_at=row["revoked_at"],
        )
        for row in await link.fetch(statement("api_keys"))
    ]


async def keep_key(link: Link, key: Key, at: datetime, *, instead_of: str | None = None) -> None:
    """``instead_of``: the id of one that opens nothing from ``at`` on."""
    values = (key.id, key.digest, list(key.scopes), key.name, key.created_at, key.expires_at)
    async with link.borrow() as connection, connection.transaction():
        await connection.execute(statement("keep_api_key"), *values)
        if instead_of is not None:
            await connection.execute(statement("revoke_api_key"), instead_of, at)


async def revoke_key(link: Link, number: str, at: datetime) -> bool:
    """From ``at`` on it opens nothing. Whether there is such a key."""
    return bool(await link.fetch(statement("revoke_api_key"), number, at))


async def delete_key(link: Link, number: str) -> bool:
    """Whether there was such a key."""
    return bool(await link.fetch(statement("delete_api_key"), number))
