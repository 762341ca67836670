"""What a chart shows, whoever draws it: panels of candles, lines and bars over one time axis."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from perps_stats.cli.output import Record
from perps_stats.core.types import Kline


class Point(Struct, frozen=True):
    """``value`` is exact; ``floor``: at least so much."""

    time: datetime
    value: Decimal
    floor: bool = False


class Run(Struct, frozen=True):
    """Points of an exchange that a line may join: nothing is missing between them."""

    exchange: str
    points: tuple[Point, ...]
    floor: bool = False
    """Whether the line joins at least one floor."""
    begun: bool = False
    """Whether its first point is only where the interval of the second begins."""


class Bar(Struct, frozen=True):
    """``amount`` stands on ``base``, the top of the bar below it. ``rising``: of a candle."""

    exchange: str
    start: datetime
    end: datetime
    base: Decimal
    amount: Decimal
    rising: bool | None = None


class Shade(Struct, frozen=True):
    """An interval that we cannot vouch for."""

    exchange: str
    start: datetime
    end: datetime
    cause: str


class Panel(Struct, frozen=True, kw_only=True):
    """``minor`` panels are lower. ``stepped``: a value holds since the point before it."""

    title: str
    unit: str
    candles: tuple[Kline, ...] = ()
    runs: tuple[Run, ...] = ()
    bars: tuple[Bar, ...] = ()
    shades: tuple[Shade, ...] = ()
    stepped: bool = False
    from_zero: bool = False
    minor: bool = False


class Figure(Struct, frozen=True, kw_only=True):
    """``exchanges`` are those shown, in the order of the legend; ``records`` are the numbers."""

    title: str
    panels: tuple[Panel, ...]
    start: datetime
    end: datetime
    exchanges: tuple[str, ...]
    records: Sequence[Record]
    fields: tuple[str, ...]
    units: dict[str, str]
    simulated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    partial: bool = False
    """Whether something that was asked for is not there."""


class Span(Struct, frozen=True):
    """Half-open."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{minute(self.start)} to {minute(self.end)} UTC"


def minute(time: datetime) -> str:
    """The nearest."""
    return f"{time + timedelta(seconds=30):%Y-%m-%d %H:%M}"


def runs_of(
    exchange: str, points: Sequence[Point], joined: Callable[[Point, Point], bool]
) -> Iterator[Run]:
    """Lines that break where two neighbours are not ``joined``. Where a line begins or ceases to be
    of floors another run begins at the same point, so that no hole is seen where there is none.
    """
    for part in _parts(points, joined):
        if len(part) == 1:
            yield Run(exchange, (part[0],), part[0].floor)
            continue
        begun = [part[0]]
        floor = part[0].floor or part[1].floor
        for left, right in pairwise(part):
            if (left.floor or right.floor) is not floor:
                yield Run(exchange, tuple(begun), floor)
                begun, floor = [left], not floor
            begun.append(right)
        yield Run(exchange, tuple(begun), floor)


def _parts(
    points: Sequence[Point], joined: Callable[[Point, Point], bool]
) -> Iterator[list[Point]]:
    part: list[Point] = []
    for point in points:
        if part and not joined(part[-1], point):
            yield part
            part = []
        part.append(point)
    if part:
        yield part


def listed(names: Iterable[str]) -> str:
    """Each once, in their order."""
    return ", ".join(dict.fromkeys(names))
