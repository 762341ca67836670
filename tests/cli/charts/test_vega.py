"""The specification of a picture, value by value, for small figures."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from tests.cli.charts.made import HOUR, KNOWN, NOON, figure, kline, point

from perps_stats.cli.charts.figure import Bar, Panel, Run, Shade
from perps_stats.cli.charts.rows import EXACT, FLOOR, bar_row, candle_row, run_rows, shade_row
from perps_stats.cli.charts.theme import COLOURS, FALLING, RISING, colour_of
from perps_stats.cli.charts.vega import spec

NOON_MS = 1_772_452_800_000
"""2026-03-02 12:00:00 UTC."""
HOUR_MS = 3_600_000


class Layer(msgspec.Struct):
    mark: dict[str, object]
    encoding: dict[str, object]
    data: dict[str, list[dict[str, object]]]


class PanelSpec(msgspec.Struct):
    title: str
    width: int
    height: int
    layer: list[Layer]


class Spec(msgspec.Struct):
    title: dict[str, object]
    vconcat: list[PanelSpec]


def layers(panel: Panel) -> list[Layer]:
    (found,) = msgspec.convert(spec(figure(panel), KNOWN, 800, 300), Spec).vconcat
    return found.layer


def channel(layer: Layer, name: str) -> Mapping[str, object]:
    return msgspec.convert(layer.encoding[name], dict[str, object])


def test_a_candle_is_floats_to_draw_and_text_to_read() -> None:
    """Its body leaves a fifth of the hour free on either side; the wick is in its middle."""
    assert candle_row(kline(0, "100.10 110 90 105", volume=None)) == {
        "left": NOON_MS + HOUR_MS // 5,
        "middle": NOON_MS + HOUR_MS // 2,
        "right": NOON_MS + HOUR_MS * 4 // 5,
        "rising": True,
        "opened": "2026-03-02 12:00:00",
        "open": 100.1,
        "high": 110.0,
        "low": 90.0,
        "close": 105.0,
        "open_text": "100.10",
        "high_text": "110",
        "low_text": "90",
        "close_text": "105",
        "volume_text": "unknown",
    }


def test_a_bar_stands_on_the_one_below() -> None:
    """What is told of it is its own amount."""
    bar = Bar("kucoin", NOON, NOON + HOUR, Decimal(2), Decimal("1E-7"))
    row = bar_row(bar)
    assert (row["base"], row["top"], row["text"]) == (2.0, 2.0000001, "0.0000001")
    assert (row["left"], row["right"]) == (NOON_MS + HOUR_MS // 5, NOON_MS + HOUR_MS * 4 // 5)


def test_the_rows_of_a_run() -> None:
    """The begin of the first interval is a place of the line, but nothing was told there."""
    first, second = run_rows(7, Run("kucoin", (point(0, "1"), point(1, "1.50")), begun=True))
    assert (first["told"], second["told"]) == (False, True)
    assert second == {
        "exchange": "kucoin",
        "run": 7,
        "time": NOON_MS + HOUR_MS,
        "moment": "2026-03-02 13:00:00",
        "value": 1.5,
        "text": "1.50",
        "is": EXACT,
        "line": EXACT,
        "alone": False,
        "told": True,
    }


def test_the_row_of_a_gap() -> None:
    """From when to when, and why."""
    assert shade_row(Shade("kucoin", NOON, NOON + HOUR, "crash")) == {
        "exchange": "kucoin",
        "start": NOON_MS,
        "end": NOON_MS + HOUR_MS,
        "since": "2026-03-02 12:00:00",
        "until": "2026-03-02 13:00:00",
        "cause": "crash",
    }


def test_the_title_says_symbols_exchanges_span_and_that_data_is_simulated() -> None:
    """In letters as large as the title's; what else a reader must know stands below."""
    what = figure(Panel(title="BTC", unit="USDT"), simulated=("kucoin",), notes=("a note",))
    title = msgspec.convert(spec(what, KNOWN, 800, 300), Spec).title
    assert title["text"] == ["BTC: a chart", "SIMULATED DATA: kucoin"]
    assert title["subtitle"] == [
        "kucoin; 2026-03-02 12:00 to 2026-03-02 14:00 UTC",
        "a note",
    ]
    live = msgspec.convert(spec(figure(Panel(title="", unit="")), KNOWN, 800, 300), Spec)
    assert live.title["text"] == ["BTC: a chart"]


def test_the_time_axis_is_in_utc_with_round_moments() -> None:
    """It spans what is shown; the unit of values stands on the other one."""
    line = layers(Panel(title="", unit="USDT", runs=(Run("kucoin", (point(0, "1"),)),)))[0]
    x, y = channel(line, "x"), channel(line, "y")
    assert x["scale"] == {"type": "utc", "domain": [NOON_MS, NOON_MS + 2 * HOUR_MS]}
    axis = msgspec.convert(x["axis"], dict[str, object])
    assert axis["title"] == "time, UTC"
    assert axis["values"] == [NOON_MS + at * HOUR_MS // 4 for at in range(9)]
    assert f'"{NOON_MS}": "12:00"' in str(axis["labelExpr"])
    assert msgspec.convert(y["axis"], dict[str, object])["title"] == "USDT"
    assert y["scale"] == {"zero": False}


def test_candles_are_wicks_and_bodies_in_green_and_red() -> None:
    """From low to high, and from open to close."""
    wick, body = layers(Panel(title="", unit="USDT", candles=(kline(0),)))
    colour = {"condition": {"test": "datum.rising", "value": RISING}, "value": FALLING}
    assert [channel(wick, name)["field"] for name in ("x", "y", "y2")] == ["middle", "low", "high"]
    assert [channel(body, name)["field"] for name in ("x", "x2", "y", "y2")] == [
        *("left", "right", "open", "close")
    ]
    assert wick.encoding["color"] == body.encoding["color"] == colour
    assert (wick.mark["type"], body.mark["type"]) == ("rule", "rect")
    assert len(wick.data["values"]) == 1


def test_funding_is_drawn_in_steps_over_a_line_at_zero() -> None:
    """A value holds since the point before it; each settlement is marked, the begin is not."""
    run = Run("kucoin", (point(0, "1"), point(1, "1"), point(2, "2")), begun=True)
    zero, line, points = layers(
        Panel(title="", unit="%", runs=(run,), stepped=True, from_zero=True)
    )
    assert (zero.mark["type"], zero.data) == ("rule", {"values": [{"zero": 0}]})
    assert (line.mark["type"], line.mark["interpolate"]) == ("line", "step-before")
    assert line.encoding["detail"] == {"field": "run", "type": "nominal"}
    assert [row["time"] for row in points.data["values"]] == [
        NOON_MS + HOUR_MS,
        NOON_MS + 2 * HOUR_MS,
    ]
    assert "strokeDash" not in line.encoding


def test_floors_are_dashed_and_hollow_and_the_legend_says_so() -> None:
    """Exact values are not."""
    runs = (
        Run("kucoin", (point(0, "1"), point(1, "1"))),
        Run("kucoin", (point(1, "1"), point(2, "2", floor=True)), floor=True),
    )
    line, exact, floors = layers(Panel(title="", unit="USDT", runs=runs))
    dash = channel(line, "strokeDash")
    assert dash["field"] == "line"
    assert dash["scale"] == {"domain": [EXACT, FLOOR], "range": [[1, 0], [4, 3]]}
    assert [row["line"] for row in line.data["values"]] == [EXACT, EXACT, FLOOR, FLOOR]
    assert (exact.mark["filled"], floors.mark["filled"], floors.mark["fill"]) == (
        *(True, False, "white"),
    )
    assert [row["value"] for row in floors.data["values"]] == [2.0]


def test_of_many_points_only_those_are_marked_that_no_line_reaches() -> None:
    """A point alone is seen however many there are."""
    many = Run("kucoin", tuple(point(at / 1000, "1") for at in range(500)))
    alone = Run("kucoin", (point(2, "3"),))
    _, points = layers(Panel(title="", unit="USDT", runs=(many, alone)))
    assert [row["value"] for row in points.data["values"]] == [3.0]


def test_gaps_are_shaded_below_everything() -> None:
    """From their begin to their end, over the whole height."""
    shade = Shade("kucoin", NOON, NOON + HOUR, "crash")
    run = Run("kucoin", (point(0, "1"),))
    shaded, *_ = layers(Panel(title="", unit="USDT", runs=(run,), shades=(shade,)))
    assert (channel(shaded, "x")["field"], channel(shaded, "x2")["field"]) == ("start", "end")
    assert "y" not in shaded.encoding


def test_minor_panels_are_lower() -> None:
    """A third of the others."""
    what = figure(Panel(title="a", unit=""), Panel(title="b", unit="", minor=True))
    sizes = [
        (panel.title, panel.width, panel.height)
        for panel in msgspec.convert(spec(what, KNOWN, 800, 300), Spec).vconcat
    ]
    assert sizes == [("a", 800, 300), ("b", 800, 100)]


def test_an_exchange_has_its_colour_wherever_it_is_shown() -> None:
    """Whichever others are shown beside it."""
    assert [colour_of(name, KNOWN) for name in KNOWN] == list(COLOURS[:2])
    run = Run("kucoin", (point(0, "1"),))
    colour = channel(layers(Panel(title="", unit="", runs=(run,)))[0], "color")
    assert colour["scale"] == {"domain": ["kucoin"], "range": [COLOURS[1]]}
