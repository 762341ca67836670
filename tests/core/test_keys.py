"""Keys: how they are written and kept."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from perps_stats.core.keys import KeyScope, key_parts, new_key

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_key_is_kept_as_a_hash_of_its_secret() -> None:
    """What is kept has nothing of the 256 random bits, and they are never the same."""
    text, key = new_key([KeyScope.READ], name="me", created_at=NOW, expires_at=None)
    prefix, number, secret = text.split("_")
    assert (prefix, number) == ("ps", key.id)
    assert len(bytes.fromhex(secret)) == 32
    assert key.digest == sha256(secret.encode()).digest()
    assert secret not in repr(key)
    assert new_key([KeyScope.READ], name="me", created_at=NOW, expires_at=None)[0] != text


def test_a_key_that_was_made_is_read() -> None:
    """As its id and the digest of its secret."""
    text, key = new_key([KeyScope.STREAM], name=None, created_at=NOW, expires_at=None)
    assert key_parts(text.encode()) == (key.id, key.digest)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"ps_",
        b"ps_abcd1234_short",
        b"ps_ABCD1234_" + b"a" * 64,
        b"ps_abcd1234_" + b"a" * 129,
        b"ps_abcd1234_" + b"a" * 63 + b"\xff",
        b"ps_abcd1234_" + b"a" * 64 + b"\n",
        b"xx_abcd1234_" + b"a" * 64,
    ],
)
def test_other_text_is_no_key(text: bytes) -> None:
    """It is not even hashed."""
    assert key_parts(text) is None


def test_until_when_a_key_is_good() -> None:
    """From its end on it has expired, from its revocation on it was revoked."""
    second = timedelta(seconds=1)
    _, key = new_key([KeyScope.READ], name=None, created_at=NOW, expires_at=NOW + second)
    assert key.flaw(NOW) is None
    assert key.flaw(NOW + second) == "has expired"
