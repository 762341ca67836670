"""The layers of a panel of a Vega-Lite specification, the lowest first."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from perps_stats.cli.charts.figure import Panel
from perps_stats.cli.charts.rows import (
    EXACT,
    FLOOR,
    Row,
    bar_row,
    candle_row,
    run_rows,
    shade_row,
)
from perps_stats.cli.charts.theme import FAINT, FALLING, RISING

Spec: TypeAlias = dict[str, object]
MANY = 200
"""Points of a panel, above which they are not marked."""
BY_DIRECTION: Spec = {"condition": {"test": "datum.rising", "value": RISING}, "value": FALLING}


class Axes(Struct, frozen=True):
    """The encodings of a panel, without the fields."""

    time: Spec
    value: Spec
    colour: Spec

    def at(self, **fields: str) -> Spec:
        """``x`` and ``y`` on these axes, ``x2`` and ``y2`` where a mark ends."""
        kinds = {"x": self.time, "y": self.value}
        return {
            channel: {"field": name, **kinds.get(channel, {})} for channel, name in fields.items()
        }


def layers(panel: Panel, axes: Axes) -> list[Spec]:
    return [
        *_shades(panel, axes),
        *_bars(panel, axes),
        *_candles(panel, axes),
        *_lines(panel, axes),
    ]


def _layer(rows: Iterable[Row], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def _told(**titles: str) -> Spec:
    """What is shown of a mark that is pointed at: its fields, as text, with their titles."""
    shown = [{"field": name, "title": title, "type": "nominal"} for name, title in titles.items()]
    return {"tooltip": shown}


def _shades(panel: Panel, axes: Axes) -> Iterator[Spec]:
    if panel.shades:
        told = _told(exchange="gap of", since="from, UTC", until="to, UTC", cause="cause")
        encoding = axes.at(x="start", x2="end") | {"color": axes.colour} | told
        mark: Spec = {"type": "rect", "opacity": 0.15, "strokeWidth": 1}
        yield _layer(map(shade_row, panel.shades), mark, encoding)


def _bars(panel: Panel, axes: Axes) -> Iterator[Spec]:
    if panel.bars:
        of_candles = panel.bars[0].rising is not None
        told = _told(exchange="exchange", opened="opened, UTC", text=f"volume, {panel.unit}")
        colour = BY_DIRECTION if of_candles else axes.colour
        encoding = axes.at(x="left", x2="right", y="base", y2="top") | {"color": colour} | told
        yield _layer(map(bar_row, panel.bars), {"type": "rect", "opacity": 0.7}, encoding)


def _candles(panel: Panel, axes: Axes) -> Iterator[Spec]:
    """The outline of a body shows a candle that closes where it opened."""
    if panel.candles:
        rows = list(map(candle_row, panel.candles))
        prices = {
            f"{name}_text": f"{name}, {panel.unit}" for name in ("open", "high", "low", "close")
        }
        told = _told(opened="opened, UTC", **prices, volume_text="volume, coins")
        wick = axes.at(x="middle", y="low", y2="high") | {"color": BY_DIRECTION} | told
        yield _layer(rows, {"type": "rule"}, wick)
        body = axes.at(x="left", x2="right", y="open", y2="close")
        colours = {"color": BY_DIRECTION, "stroke": BY_DIRECTION}
        yield _layer(rows, {"type": "rect", "strokeWidth": 1}, body | colours | told)


def _lines(panel: Panel, axes: Axes) -> Iterator[Spec]:
    if not panel.runs:
        return
    if panel.from_zero:
        yield _layer([{"zero": 0}], {"type": "rule", "color": FAINT}, axes.at(y="zero"))
    rows = [row for number, run in enumerate(panel.runs) for row in run_rows(number, run)]
    told = _told(exchange="exchange", moment="time, UTC", text=panel.unit, **{"is": "is"})
    encoding = axes.at(x="time", y="value") | {"color": axes.colour} | told
    line: Spec = {"type": "line", "strokeWidth": 1.6}
    if panel.stepped:
        line["interpolate"] = "step-before"
    yield _layer(rows, line, encoding | _of_runs(panel))
    yield from _points(rows, encoding)


def _of_runs(panel: Panel) -> Spec:
    """No line goes from one run to the next; those of floors are dashed."""
    detail: Spec = {"detail": {"field": "run", "type": "nominal"}}
    if not any(run.floor for run in panel.runs):
        return detail
    return detail | {
        "strokeDash": {
            "field": "line",
            "type": "nominal",
            "scale": {"domain": [EXACT, FLOOR], "range": [[1, 0], [4, 3]]},
            "legend": {"title": None, "labelLimit": 400},
        }
    }


def _points(rows: Sequence[Row], encoding: Spec) -> Iterator[Spec]:
    """What was told, hollow where it is a floor. Of too many only those that no line reaches."""
    shown = [row for row in rows if row["told"] and (len(rows) <= MANY or row["alone"])]
    for floor in (EXACT, FLOOR):
        chosen = [row for row in shown if row["is"] == floor]
        hollow: Spec = {"filled": False, "fill": "white"} if floor == FLOOR else {"filled": True}
        if chosen:
            yield _layer(chosen, {"type": "point", "size": 18, "opacity": 1, **hollow}, encoding)
