"""A figure on a terminal. Without colour the exchanges are told apart by letters."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from string import ascii_lowercase

from msgspec.structs import replace

from perps_stats.cli.charts import scales
from perps_stats.cli.charts.canvas import Canvas, Ink, painted
from perps_stats.cli.charts.figure import Bar, Figure, Panel, Run, minute
from perps_stats.cli.charts.theme import FALLING, RISING, colour_of
from perps_stats.core.types import Kline

WICK, BODY, HOLLOW, DOTS, FLOOR, GAP = "│", "█", "░", "braille", "o", "·"
FRAME = 2
"""Columns of the lines at either side."""
TICKS = 6
LABEL = 9
"""Columns that a time needs, with room around it."""
FLOORED = "at least so much: the book that was received ends before the distance"


def drawn(figure: Figure, known: Sequence[str], size: tuple[int, int], *, colour: bool) -> str:
    """So many columns wide, with panels of so many rows. Plain text unless ``colour``."""
    inks = {name: _ink(name, figure, known, colour=colour) for name in figure.exchanges}
    axes = [scales.places(*_range(panel), TICKS) for panel in figure.panels]
    margin = max(len(label) for axis in axes for label in scales.labels(axis))
    columns, rows = size
    width, start, end = _across(figure, columns - margin - FRAME)
    times = scales.times(start, end, max(width // LABEL, 2))
    lines = [figure.title, *_heading(figure), ""]
    for panel, axis in zip(figure.panels, axes, strict=True):
        canvas = Canvas(margin + FRAME + width, max(rows // 2, 5) if panel.minor else rows)
        canvas.across(start, end, times)
        canvas.upward(axis, [label.rjust(margin) for label in scales.labels(axis)])
        _paint(canvas, panel, inks, (axis[0], axis[-1]))
        lines += [f"{panel.title}, {panel.unit}", *canvas.text(colour=colour), ""]
    lines += [*_legend(figure, inks), *figure.notes]
    return "\n".join(lines) + "\n"


def _ink(exchange: str, figure: Figure, known: Sequence[str], *, colour: bool) -> Ink:
    """In colour dots, else the first letter of its name that no exchange before it has."""
    if colour:
        return Ink(DOTS, colour_of(exchange, known))
    taken: list[str] = []
    for name in figure.exchanges:
        taken.append(next(each for each in (*name, *ascii_lowercase) if each not in taken))
    return Ink(taken[figure.exchanges.index(exchange)])


def _heading(figure: Figure) -> Iterator[str]:
    yield f"{minute(figure.start)} to {minute(figure.end)} UTC"
    if figure.simulated:
        yield f"SIMULATED DATA: {', '.join(figure.simulated)}"


def _range(panel: Panel) -> tuple[float, float]:
    values = [float(point.value) for run in panel.runs for point in run.points]
    values += [float(each) for candle in panel.candles for each in (candle.low, candle.high)]
    values += [float(bar.base + bar.amount) for bar in panel.bars]
    zero = [0.0] if panel.from_zero or not values else []
    return min(values + zero), max(values + zero)


def _across(figure: Figure, columns: int) -> tuple[int, datetime, datetime]:
    """How wide, and the times at the middles of the first and of the last column.

    Each candle has as many columns as the next, so that none is left free where none is missing.
    """
    lengths = [c.close_time - c.open_time for panel in figure.panels for c in panel.candles]
    lengths += [bar.end - bar.start for panel in figure.panels for bar in panel.bars]
    if not lengths:
        return columns, figure.start, figure.end
    length = max(lengths)
    slots = max(round((figure.end - figure.start) / length), 2)
    each = max(columns // slots, 1)
    last = figure.start + (slots - 0.5) * length
    return (slots - 1) * each + 1, figure.start + length / 2, last


def _paint(
    canvas: Canvas, panel: Panel, inks: Mapping[str, Ink], ends: tuple[float, float]
) -> None:
    for shade in panel.shades:
        for time in (shade.start, shade.end):
            canvas.line([(time, ends[0]), (time, ends[1])], Ink(GAP, inks[shade.exchange].colour))
    for bar in reversed(panel.bars):
        if bar.amount:
            middle, top = bar.start + (bar.end - bar.start) / 2, float(bar.base + bar.amount)
            canvas.line([(middle, 0.0), (middle, top)], _of_bar(bar, inks[bar.exchange]))
    for candle in panel.candles:
        _paint_candle(canvas, candle, plain=inks[candle.exchange].colour is None)
    for run in panel.runs:
        canvas.line(list(_path(run, stepped=panel.stepped)), _of_run(run, inks[run.exchange]))


def _paint_candle(canvas: Canvas, candle: Kline, *, plain: bool) -> None:
    middle = candle.open_time + (candle.close_time - candle.open_time) / 2
    body = _of_direction(rising=candle.close >= candle.open, plain=plain)
    for low, high, ink in (
        (candle.low, candle.high, replace(body, glyph=WICK)),
        (candle.open, candle.close, body),
    ):
        canvas.line([(middle, float(low)), (middle, float(high))], ink)


def _of_direction(*, rising: bool, plain: bool) -> Ink:
    if plain:
        return Ink(BODY if rising else HOLLOW)
    return Ink(BODY, RISING if rising else FALLING)


def _of_bar(bar: Bar, ink: Ink) -> Ink:
    """Of a candle as its body, else the exchange's."""
    if bar.rising is not None:
        return _of_direction(rising=bar.rising, plain=ink.colour is None)
    return ink if ink.colour is None else replace(ink, glyph=BODY)


def _of_run(run: Run, ink: Ink) -> Ink:
    if not run.floor:
        return ink
    return Ink(FLOOR if ink.colour else ink.glyph.upper(), ink.colour)


def _path(run: Run, *, stepped: bool) -> Iterator[tuple[datetime, float]]:
    """With steps a value holds since the point before it."""
    yield run.points[0].time, float(run.points[0].value)
    for left, right in pairwise(run.points):
        if stepped:
            yield left.time, float(right.value)
        yield right.time, float(right.value)


def _legend(figure: Figure, inks: Mapping[str, Ink]) -> Iterator[str]:
    """What the marks mean that are to be seen."""
    runs = [run for panel in figure.panels for run in panel.runs]
    if len(figure.exchanges) > 1 or runs:
        yield "  ".join(f"{_sample(ink)} {name}" for name, ink in inks.items())
    plain = any(ink.colour is None for ink in inks.values())
    if any(panel.candles for panel in figure.panels):
        yield f"{BODY} rising  {HOLLOW} falling" if plain else "green: rising  red: falling"
    if any(run.floor for run in runs):
        yield f"{'capital letters' if plain else FLOOR}: {FLOORED}"
    if any(panel.shades for panel in figure.panels):
        yield f"{GAP} begin and end of a gap, in which we cannot vouch for the book"


def _sample(ink: Ink) -> str:
    return ink.glyph if ink.colour is None else painted("━━", ink.colour)
