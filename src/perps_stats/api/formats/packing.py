"""Bodies made smaller on the way, as ``Accept-Encoding`` allows."""

import zlib
from collections.abc import Callable
from typing import TypeAlias

import zstandard

from perps_stats.api.formats.preferences import preferences

LEAST_BYTES = 1024
"""What is smaller fits into one packet anyway."""
ZSTD_LEVEL = 3
GZIP_LEVEL = 5
GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""With the header and the sum of gzip."""
Pack: TypeAlias = Callable[[bytes], bytes]


def packed(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    """The body, and how it is packed: the dearest of ours that is accepted; else ``None``."""
    preferred = preferences(accepted)
    if len(body) < LEAST_BYTES or not preferred:
        return body, None
    usual = preferred.get("*", 0.0)
    quality = {name: preferred.get(name, usual) for name in PACKINGS}
    best = max(quality, key=quality.__getitem__)
    return (PACKINGS[best](body), best) if quality[best] else (body, None)


def _gzip(body: bytes) -> bytes:
    """Without a time inside: the same body is the same bytes."""
    squeeze = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return squeeze.compress(body) + squeeze.flush()


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)


PACKINGS: dict[str, Pack] = {"zstd": _zstd, "gzip": _gzip}
"""The quicker one first: it is taken where both are liked alike."""
