"""The pictures of the README, made by the program itself on simulated exchanges: ``python -m
docs.pictures.make``.

Each command runs on a terminal of its own; what it shows is written down as an SVG. Charts are
drawn from a database that the program filled before. The page is what a browser shows of `run
--demo` after a minute and a half, in which one feed was cut: Debian's chromium must be there.
"""

import asyncio
import io
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.demo import demo, program
from docs.terminal import on_terminal
from playwright.sync_api import ViewportSize, sync_playwright
from rich.console import Console
from rich.text import Text

from perps_stats.sim import SimSettings, Simulator

HERE = Path(__file__).parent
FOUR = ("binance", "kucoin", "lighter", "paradex")
PICTURES = {
    "liquidity": (190, "liquidity -s BTC"),
    "bars": (140, "liquidity -s BTC --chart"),
    "funding": (132, "funding -s BTC,ETH"),
}
"""Columns of the terminal, and the command."""
FILLING = (
    "backfill -s BTC --data klines,funding --intervals 1h --from -7d",
    "stream -s BTC --max-duration 60s",
)
CHARTS = {
    "chart-klines": "chart klines -s BTC -e binance",
    "chart-funding": "chart funding -s BTC -e binance,kucoin,paradex",
    "chart-liquidity": "chart liquidity -s BTC -e binance,kucoin,lighter --band 50bps",
}
SIZE = ("--width", "700", "--height", "200")
PAGES = {
    "page-overview": ("dark", "overview"),
    "page-depth": ("dark", "depth?symbol=BTC&range=20"),
    "page-funding": ("light", "funding?symbol=BTC"),
    "page-history": ("dark", "history?symbol=BTC&exchange=kucoin&span=15m"),
    "page-coverage": ("light", "coverage?symbol=BTC&days=7"),
    "page-status": ("light", "status"),
}
"""The look, and the view."""
PAGE_SIZE = ViewportSize(width=1280, height=760)
DIGITS = re.compile(r"(\d\.\d\d)\d+")
"""Of a place in a chart: more than two decimals are too small to be seen."""


def picture(text: str, title: str, columns: int) -> str:
    console = Console(record=True, width=columns, file=io.StringIO())
    console.print(Text.from_ansi(text.strip("\n")))
    svg = console.export_svg(title=title)
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


def charts(environ: Mapping[str, str]) -> None:
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)  # under root the server has a user of its own
        where = {**os.environ, **environ, "PERPS_STATS__DATABASE__DIR": f"{directory}/db"}
        for words in FILLING:
            subprocess.run(program(*words.split()), env=where, check=True)  # noqa: S603
        for name, words in CHARTS.items():
            path = HERE / f"{name}.svg"
            command = program(*words.split(), *SIZE, "-o", str(path))
            subprocess.run(command, env=where, check=True)  # noqa: S603
            path.write_text(DIGITS.sub(r"\1", path.read_text()))
            print(path)


def pages() -> None:
    with TemporaryDirectory() as directory, demo(Path(directory)) as address:
        photograph(address)


def photograph(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (look, view) in PAGES.items():
            page = browser.new_page(
                viewport=PAGE_SIZE, color_scheme="light" if look == "light" else "dark"
            )
            page.goto(f"{address}/#/{view}")
            page.locator(".pulse[data-state=live]").wait_for()
            page.wait_for_timeout(3000)
            page.screenshot(path=HERE / f"{name}.png")
            print(HERE / f"{name}.png")
        browser.close()


async def main() -> None:
    async with Simulator(SimSettings(exchanges=FOUR, symbols=("BTC", "ETH"))) as simulator:
        environ = {
            f"PERPS_STATS__EXCHANGES__{name.upper()}__{kind}_URL": url
            for name, venue in simulator.venues.items()
            for kind, url in (("REST", venue.rest_url), ("WS", venue.ws_url))
        }
        for part in ("ASK", "STREAM"):
            environ[f"PERPS_STATS__{part}__EXCHANGES"] = ",".join(FOUR)
        for name, (columns, words) in PICTURES.items():
            command = program(*words.split())
            text = await asyncio.to_thread(on_terminal, command, columns, environ)
            path = HERE / f"{name}.svg"
            path.write_text(picture(text, f"perps-stats {words}", columns))
            print(path)
        await asyncio.to_thread(charts, environ)
    await asyncio.to_thread(pages)


if __name__ == "__main__":
    asyncio.run(main())
