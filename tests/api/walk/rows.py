"""A row of an answer: who it is of, and its numbers."""

from decimal import Decimal
from fractions import Fraction

Row = dict[str, object]
Rows = list[Row]


def market_of(row: Row) -> tuple[str, str]:
    return str(row["exchange"]), str(row["symbol"])


def decimal(row: Row, field: str) -> Decimal:
    return Decimal(str(row[field]))


def fraction(row: Row, field: str) -> Fraction:
    return Fraction(str(row[field]))


def markets_of(rows: Rows) -> set[tuple[str, str]]:
    return {market_of(row) for row in rows}
