"""What became of a gap that was to be repaired."""

from enum import Enum, auto

from msgspec import Struct

UNREPAIRED = "not repaired: "


class End(Enum):
    REPAIRED = auto()
    LATER = auto()
    """The exchange failed: worth another try."""
    EARLY = auto()
    """The exchange's history of it is not final yet: that is no failed try."""
    LOST = auto()
    """Another try would bring no more."""


class Verdict(Struct, frozen=True):
    """``rows`` were recovered, if that is known; ``note`` is for the gap's ``detail``."""

    end: End
    rows: int | None = None
    note: str = ""


def with_note(detail: str | None, note: str) -> str | None:
    """The gap's detail, with what became of the last try in the place of the one before."""
    first = (detail or "").partition(UNREPAIRED)[0].removesuffix("; ")
    told = "; ".join(part for part in (first, note) if part)
    return told or ("repaired by a later try" if detail else None)
