"""Keys to the API: how they are made, written and kept.

A key is ``ps_<id>_<secret>``. The secret is 256 random bits: what is kept is its SHA-256, from
which nobody finds it again. A slow hash would protect weak secrets, and there are none.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from secrets import token_hex

from msgspec import Struct

ID_BYTES = 5
SECRET_BYTES = 32
WRITTEN = re.compile(rb"ps_([0-9a-z]{4,32})_([0-9A-Za-z]{32,128})")


class KeyScope(StrEnum):
    READ = "read"
    """REST."""
    STREAM = "stream"
    """The WebSocket."""


class Key(Struct, frozen=True, kw_only=True):
    """``expires_at``: ``None`` never. A revoked one is kept, to be told from one that never was."""

    id: str
    digest: bytes
    """SHA-256 of the secret."""
    scopes: tuple[str, ...]
    name: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def flaw(self, now: datetime) -> str | None:
        """Why it opens nothing any more."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "was revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "has expired"
        return None


def new_key(
    scopes: Sequence[str], *, name: str | None, created_at: datetime, expires_at: datetime | None
) -> tuple[str, Key]:
    """The key as its holder writes it, which is nowhere kept, and what is kept of it."""
    secret, number = token_hex(SECRET_BYTES), token_hex(ID_BYTES)
    kept = Key(
        id=number,
        digest=sha256(secret.encode()).digest(),
        scopes=tuple(scopes),
        name=name,
        created_at=created_at,
        expires_at=expires_at,
    )
    return f"ps_{number}_{secret}", kept


def key_parts(text: bytes) -> tuple[str, bytes] | None:
    """The id and the digest of a key as its holder writes it; ``None`` where it is no key."""
    match = WRITTEN.fullmatch(text)
    return None if match is None else (match[1].decode(), sha256(match[2]).digest())
