"""The pictures of the README, made by the program itself on simulated exchanges: ``make pictures``.

Each command runs on a terminal of its own; what it shows is written down as an SVG. Charts are
drawn from a database that the program filled before. The page is what a browser shows of `run
--demo` after a minute and a half, in which one feed was cut: Debian's chromium must be there.
"""

import asyncio
import fcntl
import io
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize, sync_playwright
from rich.console import Console
from rich.text import Text

from perps_stats.sim import SimSettings, Simulator

HERE = Path(__file__).parent
FOUR = ("binance", "kucoin", "lighter", "paradex")
PICTURES = {
    "liquidity": (180, "liquidity -s BTC"),
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
}
"""The look, and the view."""
PAGE_SIZE = ViewportSize(width=1280, height=760)
FAULTS = "silence:orderbook:@45s:15\n"
DEMO_SECONDS = 90
DIGITS = re.compile(r"(\d\.\d\d)\d+")
"""Of a place in a chart: more than two decimals are too small to be seen."""


def shown(words: list[str], columns: int, environ: Mapping[str, str]) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    size = {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    process = subprocess.Popen(  # noqa: S603 our own program
        program(*words), stdout=theirs, stderr=theirs, env={**os.environ, **environ, **size}
    )
    os.close(theirs)
    parts: list[bytes] = []
    try:
        while part := os.read(ours, 65_536):
            parts.append(part)
    except OSError:  # the terminal of a program that has ended
        pass
    process.wait()
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def program(*words: str) -> list[str]:
    return [sys.executable, "-m", "perps_stats", *words]


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
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        faults = Path(directory, "faults")
        faults.write_text(FAULTS)
        words = ("run", "--demo", "--port", "0", "--database-dir", f"{directory}/db", "--json")
        command = program(*words, "--faults", str(faults))
        log = Path(directory, "log")
        with (
            log.open("wb") as told,
            subprocess.Popen(command, stdout=told, stderr=told) as demo,  # noqa: S603
        ):
            time.sleep(DEMO_SECONDS)
            address = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            try:
                photograph(address[0] if address else "")
            finally:
                demo.send_signal(signal.SIGTERM)


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
            text = await asyncio.to_thread(shown, words.split(), columns, environ)
            path = HERE / f"{name}.svg"
            path.write_text(picture(text, f"perps-stats {words}", columns))
            print(path)
        await asyncio.to_thread(charts, environ)
    await asyncio.to_thread(pages)


if __name__ == "__main__":
    asyncio.run(main())
