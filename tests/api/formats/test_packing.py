"""Bodies are packed as is accepted, and unpack to what they were."""

import gzip

import pytest
import zstandard

from perps_stats.api.formats.packing import packed

BODY = b'{"price":"61659.70"},' * 1000


def unpacked(body: bytes, packing: str | None) -> bytes:
    if packing == "zstd":
        return zstandard.ZstdDecompressor().decompress(body)
    return gzip.decompress(body) if packing == "gzip" else body


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=0.9, zstd;q=0.1", "gzip"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *;q=0.5", "gzip"),
        ("*;q=0", None),
    ],
)
def test_as_is_accepted(accepted: str, expected: str | None) -> None:
    """The one that is liked best, of the two the quicker; never one that is not accepted."""
    body, packing = packed(BODY, accepted)
    assert packing == expected
    assert unpacked(body, packing) == BODY
    assert (len(body) < len(BODY) / 10) == (expected is not None)


def test_what_is_small_stays() -> None:
    """It fits into one packet."""
    assert packed(BODY[:1023], "gzip, zstd") == (BODY[:1023], None)


def test_the_same_body_is_the_same_bytes() -> None:
    """No time of packing stands inside."""
    assert packed(BODY, "gzip")[0][4:8] == bytes(4)
