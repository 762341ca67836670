"""The keys as of a moment ago."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.api.guard.known import NOW, Clock, key, keyring

from perps_stats.api.guard import keyring as module
from perps_stats.api.guard.keyring import KEPT_SECONDS, Keyring, given_keys
from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.core.keys import Key


async def test_a_key_is_found_by_its_whole_text() -> None:
    """Neither another secret nor another id will do, and it says no more than that."""
    text, kept = key()
    ring = await keyring(Clock(), kept)
    other, _ = key()
    assert ring.find(text) == kept
    assert ring.find(other) == "this key is not known"
    assert ring.find(text[:-1] + b"Z") == "this key is not known"
    assert ring.find(b"hunter2") == "this is no key; it begins with ps_"


async def test_what_has_ended_says_so_to_its_holder() -> None:
    """Expired or revoked: who has the secret may know."""
    clock = Clock()
    text, kept = key(expires_at=NOW + timedelta(seconds=5))
    revoked, gone = key()
    ring = await keyring(clock, kept, replace(gone, revoked_at=NOW))
    assert ring.find(revoked) == "this key was revoked"
    assert ring.find(text) == kept
    clock.now += 5
    assert ring.find(text) == "this key has expired"
    assert not ring.is_valid(kept.id)


async def test_who_revokes_the_last_key_does_not_open_the_door() -> None:
    """A revoked key opens nothing and still counts as a key; without any there is none."""
    _, kept = key()
    ring = await keyring(Clock(), replace(kept, revoked_at=NOW))
    assert (ring.holds_any, ring.opens) == (True, False)
    empty = await keyring(Clock())
    assert (empty.holds_any, empty.opens) == (False, False)


async def test_known_keys_last_a_while_without_the_database() -> None:
    """Five minutes from the last reading that succeeded."""
    clock = Clock()
    text, kept = key()
    ring = await keyring(clock, kept)

    async def away() -> Sequence[Key]:
        raise DatabaseError("away")

    clock.now += KEPT_SECONDS
    with pytest.raises(DatabaseError):
        await ring.read(away)
    assert (ring.find(text), ring.is_stale) == (kept, False)
    clock.now += 1
    assert ring.is_stale


async def test_a_revocation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are read again and again, also after a reading that failed."""
    monkeypatch.setattr(module, "READ_SECONDS", 0.01)
    text, kept = key()
    answers: list[Sequence[Key] | None] = [[kept], None]

    async def stored() -> Sequence[Key]:
        answer = answers.pop(0) if answers else [replace(kept, revoked_at=NOW)]
        if answer is None:
            raise DatabaseError("away")
        return answer

    ring = Keyring((), now=lambda: NOW, seconds=Clock())
    await ring.read(stored)
    assert ring.find(text) == kept
    async with ring.kept(stored):
        while ring.find(text) == kept:
            await asyncio.sleep(0.001)
    assert ring.find(text) == "this key was revoked"


async def test_a_database_that_stands_still_holds_up_nobody() -> None:
    """A reading that is not answered in time is given up."""

    async def still() -> Sequence[Key]:
        await asyncio.Event().wait()
        return []

    ring = Keyring((), now=lambda: NOW, seconds=Clock())
    with pytest.raises(DatabaseError, match=r"no answer within 0\.01 s"):
        await ring.read(still, 0.01)
    assert not ring.is_read


async def test_keys_of_the_settings_are_always_known() -> None:
    """For everything, and however long the database is away."""
    text, _ = key()
    clock = Clock()
    [given] = given_keys([text.decode()])
    ring = await keyring(clock, given=[given])
    clock.now += KEPT_SECONDS + 1
    assert ring.find(text) == given
    assert ring.is_given(given)
    assert given.scopes == ("read", "stream")


def test_a_wrong_key_in_the_settings_is_not_repeated() -> None:
    """It may be a secret with a typing error in it."""
    with pytest.raises(ConfigError) as told:
        given_keys(["ps_abcd_" + "0" * 64, "hunter2"])
    assert str(told.value) == (
        "api.keys: number 2 is not accepted; use ps_<id>_<secret>, as `perps-stats keys create` "
        "makes them"
    )
