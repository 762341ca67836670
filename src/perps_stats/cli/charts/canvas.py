"""A panel on a terminal, drawn by plotext: https://github.com/piccolomo/plotext"""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Protocol

from msgspec import Struct

from perps_stats.cli.charts.picture import MISSING
from perps_stats.core.errors import ConfigError
from perps_stats.core.times import to_us


class Signal(Protocol):
    def lines(self, active: bool = ...) -> "Signal": ...
    def density(self, method: str) -> "Signal": ...


class Ruler(Protocol):
    def ticks(self, positions: Sequence[float], labels: Sequence[str]) -> object: ...
    def lim(self, lower: float, upper: float) -> object: ...


class Matrix(Protocol):
    def string(self, colorless: bool = ...) -> str: ...


class Clear(Protocol):
    def all(self) -> object: ...


class Plot(Protocol):
    @property
    def clear(self) -> Clear: ...
    def theme(self, name: str) -> object: ...
    def canvas(self, background: str) -> object: ...
    def plot_size(self, width: int, height: int) -> object: ...
    def ruler(self, axis: str) -> Ruler: ...
    def signal(self, x: Sequence[float], y: Sequence[float], *, marker: object) -> Signal: ...
    def draw(self, signal: Signal) -> object: ...
    def build(self) -> Matrix: ...


class Limits(Protocol):
    def limit(self, width: bool, height: bool) -> object: ...


class Pixel(Protocol):
    def __call__(self, foreground: tuple[int, int, int]) -> object: ...


class Glyph(Protocol):
    def __call__(self, symbol: str, pixel: object = ...) -> object: ...


class Ink(Struct, frozen=True):
    """What is drawn with: a character, or ``braille`` for dots; ``colour`` as ``#rrggbb``."""

    glyph: str
    colour: str | None = None


class Canvas:
    """One at a time: the library has a single figure. Raises ``ConfigError`` without it."""

    def __init__(self, columns: int, rows: int) -> None:
        try:
            library = import_module("plotext")
        except ImportError as error:
            raise ConfigError(MISSING) from error
        self._plot: Plot = library.figure
        self._pixel: Pixel = library.pixel
        self._glyph: Glyph = library.marker
        terminal: Limits = library.terminal
        terminal.limit(width=False, height=False)
        self._plot.clear.all()
        self._plot.theme("colorless")
        self._plot.canvas("default")
        self._plot.plot_size(columns, rows)

    def across(self, start: datetime, end: datetime, times: Sequence[tuple[datetime, str]]) -> None:
        """The axis of time; its ends are the middles of the first and the last column."""
        ruler = self._plot.ruler("x")
        ruler.lim(to_us(start), to_us(end))
        ruler.ticks([to_us(time) for time, _ in times], [label for _, label in times])

    def upward(self, places: Sequence[float], labels: Sequence[str]) -> None:
        ruler = self._plot.ruler("y")
        ruler.lim(places[0], places[-1])
        ruler.ticks(places, labels)

    def line(self, points: Sequence[tuple[datetime, float]], ink: Ink) -> None:
        """From each point to the next; a single one is a dot."""
        pixel = () if ink.colour is None else (self._pixel(_rgb(ink.colour)),)
        marker = self._glyph(ink.glyph, *pixel)
        x, y = [to_us(time) for time, _ in points], [value for _, value in points]
        self._plot.draw(self._plot.signal(x, y, marker=marker).lines().density("full"))

    def text(self, *, colour: bool) -> list[str]:
        text = self._plot.build().string(colorless=not colour)
        return [line.rstrip() for line in text.splitlines()]


def painted(text: str, colour: str) -> str:
    red, green, blue = _rgb(colour)
    return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[0m"


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
