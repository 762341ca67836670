"""What all wire structs share: numbers that can be, and what says that there is none."""

import sys
from decimal import Decimal
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct

OptionalNumber: TypeAlias = Annotated[str, Meta(pattern=r"^(-?[0-9]+(\.[0-9]+)?)?\Z")]
"""Decimal text, empty where there is none."""
Milliseconds: TypeAlias = Annotated[int, Meta(gt=0, lt=10**14)]
OptionalTime: TypeAlias = Annotated[int, Meta(ge=0, lt=10**14)]
"""Milliseconds; 0 where there is none."""
Names: TypeAlias = frozenset[str]
NO_NAMES: Names = frozenset()


class Wire(Struct, gc=False, rename="camel"):
    """Every decimal is finite, and not negative unless it is ``signed``.

    Zero is impossible for the ``positive``, and means "there is none" for those ``none_at_zero``.
    """

    signed: ClassVar[Names] = NO_NAMES
    positive: ClassVar[Names] = NO_NAMES
    none_at_zero: ClassVar[Names] = NO_NAMES

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if not isinstance(value, Decimal):
                continue
            if not (value.is_finite() and (value >= 0 or name in self.signed)):
                raise ValueError(f"{name} cannot be {value}")
            if value == 0 and name in self.positive:
                raise ValueError(f"{name} cannot be zero")
            if value == 0 and name in self.none_at_zero:
                setattr(self, name, None)


def decimal_text(number: Decimal | None) -> str | None:
    """Exact, as it was written."""
    return None if number is None else str(number)


INFINITE = float("inf")
POSITIVE, NOT_NEGATIVE, FINITE = sys.float_info.min, 0.0, -sys.float_info.max


def read_positive(*texts: str) -> bool:
    """Whether all are numbers, finite and more than zero."""
    try:
        return all(POSITIVE <= float(text) < INFINITE for text in texts)
    except ValueError:
        return False


try:
    from perps_stats.exchanges.numerals import are_positive as scan_positive
except ImportError:  # no compiler was at hand
    are_positive = read_positive
else:
    are_positive = scan_positive


def check(part: Struct, least: float, *names: str) -> None:
    """Of numbers kept as text: raises ``ValueError`` for the first that is none, or is too small.

    ``least`` is ``POSITIVE``, ``NOT_NEGATIVE`` or ``FINITE``.
    """
    for name in names:
        text = getattr(part, name)
        if not are_positive(text) and not least <= float(text) < INFINITE:
            raise ValueError(f"{name} cannot be {text!r}")
