"""Charts on a terminal: they fit, they can be read without colour, holes stay holes."""

import re
import sys
from decimal import Decimal

import pytest
from tests.cli.charts.made import HOUR, KNOWN, NOON, figure, kline, point

from perps_stats.cli.charts.figure import Bar, Figure, Panel, Run, Shade
from perps_stats.cli.charts.screen import drawn
from perps_stats.core.errors import ConfigError

WIDTHS = [40, 60, 120]
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def shown(what: Figure, columns: int = 60, rows: int = 12) -> str:
    return drawn(what, KNOWN, (columns, rows), colour=False)


def cells(text: str) -> list[str]:
    """What is within the frames."""
    return re.findall(r"[┤│]([^\n]*)│$", text, re.MULTILINE)


def columns_with(text: str, marks: str) -> list[int]:
    """The columns, within the frames, that hold one of the marks."""
    return sorted({at for line in cells(text) for at, mark in enumerate(line) if mark in marks})


def lines() -> Figure:
    """Of kucoin a line over two hours; of binance one over the first, which ends in a floor."""
    runs = (
        Run("kucoin", (point(0, "1"), point(2, "1"))),
        Run("binance", (point(0, "3"), point(1, "3", floor=True)), floor=True),
    )
    return figure(
        Panel(title="BTC, bids", unit="USDT", runs=runs),
        exchanges=KNOWN,
        simulated=("kucoin",),
        notes=("a note",),
    )


@pytest.mark.parametrize("columns", WIDTHS)
def test_lines_fit_and_are_told_apart_by_letters(columns: int) -> None:
    """Capital ones are floors; title, unit, span, what is simulated and notes are there."""
    text = shown(lines(), columns)
    assert all(len(line) <= columns for line in text.splitlines() if line.endswith("│"))
    assert "\x1b" not in text
    for said in (
        *("BTC: a chart", "BTC, bids, USDT", "2026-03-02 12:00 to 2026-03-02 14:00 UTC"),
        *("SIMULATED DATA: kucoin", "b binance  k kucoin", "capital letters: at least so much"),
        *("a note", "12:00"),
    ):
        assert said in text
    width = len(cells(text)[0])
    assert columns_with(text, "k") == list(range(width))
    assert columns_with(text, "B") == list(range((width + 1) // 2))
    assert "B" not in "".join(line for line in cells(text) if "k" in line)


def test_letters_are_taken_once() -> None:
    """The next letter of a name whose first is taken."""
    runs = tuple(Run(name, (point(1, "1"),)) for name in ("kucoin", "kraken"))
    text = shown(figure(Panel(title="", unit="", runs=runs), exchanges=("kucoin", "kraken")))
    assert "k kucoin  r kraken" in text


def test_a_hole_is_seen() -> None:
    """Nothing stands between the end of one run and the begin of the next."""
    runs = tuple(Run("kucoin", (point(begin, "1"), point(begin + 0.5, "1"))) for begin in (0, 1.5))
    text = shown(figure(Panel(title="", unit="", runs=runs)))
    width = len(cells(text)[0])
    gap = sorted(set(range(width)) - set(columns_with(text, "k")))
    assert gap == list(range(gap[0], gap[-1] + 1))
    assert abs(len(gap) - width / 2) <= 2


def test_a_step_holds_since_the_point_before() -> None:
    """The higher value stands over the second hour only."""
    run = Run("kucoin", (point(0, "1"), point(1, "1"), point(2, "9")))
    text = shown(figure(Panel(title="", unit="", runs=(run,), stepped=True)))
    highest = next(line for line in cells(text) if "k" in line)
    assert abs(highest.index("k") - len(highest) / 2) <= 1
    assert highest.endswith("k")


def candles(*numbers: int) -> Figure:
    """Of two hours by quarters: those that are named; every second one falls."""
    found = tuple(
        kline(at, "90 110 80 100" if at % 2 else "100 110 80 90", interval="15m") for at in numbers
    )
    bars = tuple(
        Bar(
            "kucoin",
            each.open_time,
            each.close_time,
            Decimal(0),
            Decimal(5),
            rising=each.close > each.open,
        )
        for each in found
    )
    what = (
        Panel(title="BTC", unit="USDT", candles=found),
        Panel(title="BTC, volume", unit="coins", bars=bars, from_zero=True, minor=True),
    )
    return figure(*what, exchanges=("binance", "kucoin"))


@pytest.mark.parametrize("columns", WIDTHS)
def test_candles_stand_at_regular_distances_and_a_missing_one_is_a_hole(columns: int) -> None:
    """However wide the terminal is: price and volume have the same columns."""
    numbers = [0, 1, 2, 4, 5, 6, 7]
    text = shown(candles(*numbers), columns)
    prices, volumes = text.split("BTC, volume, coins")
    taken = columns_with(prices, "█░")
    assert columns_with(volumes, "█░") == taken
    apart = taken[1] - taken[0]
    assert taken == [apart * number for number in numbers]
    assert columns_with(prices, "█") == [apart * number for number in numbers if number % 2]
    assert "█ rising  ░ falling" in text


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_single_candle_and_a_single_point(columns: int) -> None:
    """Are drawn as any other."""
    text = shown(candles(1), columns)
    assert len(columns_with(text, "█")) == 1
    one = figure(Panel(title="", unit="", runs=(Run("kucoin", (point(1, "0"),)),)))
    assert len(columns_with(shown(one, columns), "k")) == 1


def test_the_ends_of_a_gap_are_marked() -> None:
    """And it is said what they are."""
    run = Run("kucoin", (point(0, "1"), point(2, "1")))
    shade = Shade("kucoin", NOON + HOUR / 2, NOON + HOUR, "crash")
    text = shown(figure(Panel(title="", unit="", runs=(run,), shades=(shade,))))
    width = len(cells(text)[0])
    left, right = columns_with(text, "·")
    assert abs(left - width / 4) <= 1
    assert abs(right - width / 2) <= 1
    assert "· begin and end of a gap" in text


def test_in_colour_each_exchange_has_its_own() -> None:
    """Without the colours it is text of the same width."""
    text = drawn(lines(), KNOWN, (60, 12), colour=True)
    assert "\x1b[38;2;183;121;31m" in text
    assert "\x1b[38;2;26;147;111m" in text
    plain = COLOUR.sub("", text)
    assert "━━ binance  ━━ kucoin" in plain
    assert "o: at least so much" in plain
    assert {len(line) for line in cells(plain)} == {len(line) for line in cells(shown(lines()))}


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3."""
    monkeypatch.setitem(sys.modules, "plotext", None)
    with pytest.raises(ConfigError, match=r"pip install 'perps-stats\[charts\]'"):
        shown(lines())
