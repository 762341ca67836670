"""The keys as of a moment ago: a request asks no database, a revocation counts within seconds."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from hmac import compare_digest
from typing import TypeAlias

import structlog

from perps_stats.api.deadline import in_time
from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.core.keys import Key, KeyScope, key_parts

ReadKeys: TypeAlias = Callable[[], Awaitable[Sequence[Key]]]
READ_SECONDS = 2.0
"""Between two readings, and how long one may take."""
FIRST_SECONDS = 30.0
KEPT_SECONDS = 300.0
"""So long keys count as they were last read, while the database is away."""
NOBODY = bytes(32)
"""Compared with where there is no such key: that takes as long."""
log = structlog.get_logger()


class Keyring:
    """``given`` are keys of the settings, which are always known."""

    def __init__(
        self, given: Iterable[Key], *, now: Callable[[], datetime], seconds: Callable[[], float]
    ) -> None:
        self._given = {key.id: key for key in given}
        self._keys = self._given
        self._now = now
        self._seconds = seconds
        self._read_at: float | None = None

    @property
    def is_read(self) -> bool:
        return self._read_at is not None

    @property
    def is_stale(self) -> bool:
        """Whether the database has been away for too long to go by what it last said."""
        return self._read_at is not None and self._seconds() - self._read_at > KEPT_SECONDS

    @property
    def holds_any(self) -> bool:
        """Also revoked and expired ones: who revokes the last key does not open the door."""
        return bool(self._keys)

    @property
    def opens(self) -> bool:
        """Whether any key is valid."""
        now = self._now()
        return any(key.flaw(now) is None for key in self._keys.values())

    def find(self, text: bytes) -> Key | str:
        """The valid key that is written so, or why it is none."""
        parts = key_parts(text)
        if parts is None:
            return "this is no key; it begins with ps_"
        number, digest = parts
        key = self._keys.get(number)
        if not compare_digest(NOBODY if key is None else key.digest, digest) or key is None:
            return "this key is not known"
        flaw = key.flaw(self._now())
        return key if flaw is None else f"this key {flaw}"

    def is_valid(self, number: str) -> bool:
        """Whether the key of this id is valid still."""
        key = self._keys.get(number)
        return key is not None and key.flaw(self._now()) is None

    def is_given(self, key: Key) -> bool:
        return key.id in self._given

    async def read(self, keys: ReadKeys, seconds: float = FIRST_SECONDS) -> None:
        """Raises ``DatabaseError`` where they cannot be read in time."""
        stored = await in_time(seconds, _asked(keys))
        self._keys = {**{key.id: key for key in stored}, **self._given}
        self._read_at = self._seconds()

    @asynccontextmanager
    async def kept(self, keys: ReadKeys) -> AsyncGenerator[None]:
        """Read again and again as long as it is open."""
        keeping = asyncio.create_task(self._keep(keys))
        try:
            yield
        finally:
            keeping.cancel()

    async def _keep(self, keys: ReadKeys) -> None:
        while True:
            await asyncio.sleep(READ_SECONDS)
            try:
                await self.read(keys, READ_SECONDS)
            except DatabaseError as error:
                log.warning("the keys are not read", reason=str(error), kept_seconds=KEPT_SECONDS)


async def _asked(keys: ReadKeys) -> Sequence[Key]:
    return await keys()


def given_keys(texts: Iterable[str]) -> list[Key]:
    """Keys of the settings: valid for everything, for ever. Raises ``ConfigError``, which does not
    repeat what was said.
    """
    return [_given_key(number, text) for number, text in enumerate(texts, 1)]


def _given_key(number: int, text: str) -> Key:
    parts = key_parts(text.encode())
    if parts is None:
        raise ConfigError(
            f"api.keys: number {number} is not accepted; use ps_<id>_<secret>, as "
            "`perps-stats keys create` makes them"
        )
    return Key(id=parts[0], digest=parts[1], scopes=tuple(KeyScope), name="api.keys")
