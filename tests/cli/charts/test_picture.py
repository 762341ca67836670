"""Real pictures by the real library: whole files that load nothing."""

import re
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.cli.charts.made import HOUR, KNOWN, NOON, figure, kline, point

from perps_stats.cli.charts.figure import Figure, Panel, Run, Shade
from perps_stats.cli.charts.picture import render, save
from perps_stats.cli.charts.vega import spec
from perps_stats.core.errors import ConfigError, Unwritable

LOADS = re.compile(r"<(?:script|link|iframe)[^>]*\b(?:src|href)\s*=|@import|\bimport\(\s*['\"]http")
ADDRESSES = re.compile(r"https?://[\w.]+")


@pytest.fixture(name="what")
def a_figure() -> Figure:
    """A panel of candles, one of lines with a floor and a gap."""
    runs = (
        Run("kucoin", (point(0, "1000"), point(1, "2000"))),
        Run("kucoin", (point(1, "2000"), point(2, "1500.125", floor=True)), floor=True),
    )
    shade = Shade("kucoin", NOON, NOON + HOUR, "crash")
    return figure(
        Panel(title="BTC, candles", unit="USDT per coin", candles=(kline(0), kline(1))),
        Panel(title="BTC, bids", unit="USDT", runs=runs, shades=(shade,), from_zero=True),
        simulated=("kucoin",),
    )


def texts(svg: bytes) -> list[str]:
    return [each for each in ET.fromstring(svg).itertext() if each.strip()]  # noqa: S314


def test_a_png_has_two_pixels_for_each(what: Figure, tmp_path: Path) -> None:
    """As wide as was asked for, and the axes beside it."""
    path = tmp_path / "a.png"
    save(what, KNOWN, path, (400, 200))
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert 800 < width < 1200
    assert 800 < height < 1400


def test_an_svg_is_sound_and_tells_what_it_shows(what: Figure, tmp_path: Path) -> None:
    """Titles, units, the zone of times, that data is simulated, what dashes mean."""
    path = tmp_path / "a.SVG"
    save(what, KNOWN, path, (400, 200))
    found = texts(path.read_bytes())
    for text in (
        *("BTC: a chart", "SIMULATED DATA: kucoin", "BTC, candles", "BTC, bids"),
        *("USDT per coin", "USDT", "time, UTC", "kucoin", "12:00", "13:00"),
    ):
        assert text in found
    assert any(text.startswith("at least") for text in found)


def test_a_picture_of_one_point_is_drawn() -> None:
    """Its mark is there."""
    run = Run("kucoin", (point(1, "5"),))
    one = figure(Panel(title="", unit="USDT", runs=(run,)))
    root = ET.fromstring(render(spec(one, KNOWN, 400, 200), "svg"))  # noqa: S314
    layers = [each for each in root.iter() if (each.get("class") or "").startswith("mark-symbol")]
    points = [each for each in layers if "layer_1_marks" in (each.get("class") or "")]
    assert [len(each) for each in points] == [1]


def test_a_page_loads_nothing_and_bears_exact_values(what: Figure, tmp_path: Path) -> None:
    """It works without a network: the library is within, and only names of schemas are without."""
    path = tmp_path / "a.html"
    save(what, KNOWN, path, (400, 200))
    page = path.read_text()
    assert not LOADS.search(page)
    assert {*ADDRESSES.findall(page)} <= {
        *("http://www.w3.org", "https://vega.github.io", "https://github.com"),
    }
    assert "cdn." not in page
    assert "1500.125" in page
    assert len(page) > 500_000


def test_no_name_of_an_exchange_s_can_end_the_script_of_a_page() -> None:
    """Symbols are theirs to choose."""
    name = "</script><script>alert(1)</script>"
    page = render(spec(figure(Panel(title=name, unit="")), KNOWN, 400, 200), "html").decode()
    assert "<script>alert" not in page
    assert r"\u003c/script>\u003cscript>alert(1)\u003c/script>" in page


def test_where_a_file_cannot_be_written_it_is_said(what: Figure, tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(Unwritable, match="No such file or directory"):
        save(what, KNOWN, tmp_path / "none" / "a.svg", (400, 200))


def test_without_the_library_it_is_said_what_to_install(
    what: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ConfigError, match=r"pip install 'perps-stats\[charts\]'") as error:
        save(what, KNOWN, tmp_path / "a.svg", (400, 200))
    assert error.value.exit_code == 3
