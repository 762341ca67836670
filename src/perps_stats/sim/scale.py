"""Integers to the exact decimal text of a wire: prices are counted in ticks, quantities in lots."""

from decimal import Decimal

import msgspec


class Scale(msgspec.Struct, frozen=True):
    """One step is ``unit`` of the last of ``decimals`` places: (10, 2) steps by 0.10."""

    unit: int
    decimals: int

    @property
    def step(self) -> float:
        return self.unit / 10.0**self.decimals

    def text(self, steps: int) -> str:
        return decimal_text(steps * self.unit, self.decimals)

    def steps(self, text: str) -> int:
        """The whole steps of a text of ours, whatever its decimals. Raises ``ValueError``."""
        steps, rest = divmod(Decimal(text).scaleb(self.decimals), self.unit)
        if rest:
            raise ValueError(f"{text} is no multiple of {self.text(1)}")
        return int(steps)

    def times(self, other: "Scale") -> "Scale":
        """The scale of a product: of a turnover, where one is a price's and one a quantity's."""
        return Scale(self.unit * other.unit, self.decimals + other.decimals)


def decimal_text(number: int, decimals: int) -> str:
    if decimals == 0:
        return str(number)
    digits = str(abs(number))
    if len(digits) <= decimals:
        digits = digits.zfill(decimals + 1)
    return f"{'-' if number < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def bare(text: str) -> msgspec.Raw:
    """Decimal text as a JSON number of the same digits."""
    return msgspec.Raw(text.encode())
