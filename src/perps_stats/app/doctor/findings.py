"""What a look at one thing found."""

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


class Place(StrEnum):
    """Where it lies, which decides the exit code."""

    EXCHANGE = "exchange"
    DATABASE = "database"
    MACHINE = "machine"


class Finding(Struct, frozen=True, kw_only=True):
    """``found``: what was measured, or why nothing was. ``remedy``: what to do, where it helps."""

    place: Place
    subject: str
    check: str
    status: Status
    found: str
    remedy: str | None = None


UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def sized(count: float) -> str:
    """``31.2 MiB``."""
    power = min(int(max(count, 1)).bit_length() - 1, 10 * (len(UNITS) - 1)) // 10
    return f"{count / 1024**power:,.{1 if power else 0}f} {UNITS[power]}"


CODES = {Place.DATABASE: 5, Place.EXCHANGE: 4, Place.MACHINE: 1}
"""Of a failure; the first that applies."""


def exit_code(found: "list[Finding]") -> int:
    """0 where nothing failed: a warning is none."""
    failed = {one.place for one in found if one.status is Status.FAILED}
    return next((code for place, code in CODES.items() if place in failed), 0)
