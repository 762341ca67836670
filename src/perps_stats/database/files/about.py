"""What travels with rows: where they come from, their markets, their units, how many they are.

A parquet file holds it in its metadata. A csv file has a file beside it, ``klines.csv.about.json``.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from perps_stats.core.errors import BadInput
from perps_stats.core.types import Market

KEY = b"perps-stats"
"""Of the metadata."""


class About(Struct, frozen=True, kw_only=True):
    """``start`` and ``end`` are the span that was asked for, half-open; ``first`` and ``last`` the
    times of the rows. All are RFC 3339 in UTC.
    """

    data_set: str
    meaning: str
    units: dict[str, str]
    rows: int
    start: str | None
    end: str | None
    intervals: list[str] | None
    first: str | None
    last: str | None
    simulated: dict[str, bool]
    """By exchange: whether the data came from our simulator."""
    markets: list[Market]
    version: str
    """Of the program that wrote it."""
    written_at: str

    def encoded(self) -> bytes:
        return msgspec.json.encode(self)


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.about.json")


def to_about(text: bytes | None, source: str) -> About:
    """Raises ``BadInput`` that names the ``source``."""
    try:
        about = msgspec.json.decode(text or b"", type=About)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _untold(source, str(error)) from None
    if not {market.exchange for market in about.markets} <= about.simulated.keys():
        raise _untold(source, "nothing says whether it is simulated")
    return about


def _untold(source: str, reason: str) -> BadInput:
    remedy = f"it does not say where its rows come from, as `db export` writes it ({reason})"
    return BadInput("file", source, remedy)
