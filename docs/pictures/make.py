"""The pictures of the README, made by the program itself on simulated exchanges: ``make pictures``.

Each command runs on a terminal of its own; what it shows is written down as an SVG.
"""

import asyncio
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

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


def shown(words: list[str], columns: int, environ: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    size = {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    program = [sys.executable, "-m", "perps_stats", *words]
    process = subprocess.Popen(  # noqa: S603 our own program
        program, stdout=theirs, stderr=theirs, env={**os.environ, **environ, **size}
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


def picture(text: str, title: str, columns: int) -> str:
    console = Console(record=True, width=columns, file=io.StringIO())
    console.print(Text.from_ansi(text.strip("\n")))
    svg = console.export_svg(title=title)
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


async def main() -> None:
    async with Simulator(SimSettings(exchanges=FOUR, symbols=("BTC", "ETH"))) as simulator:
        environ = {
            f"PERPS_STATS__EXCHANGES__{name.upper()}__REST_URL": venue.rest_url
            for name, venue in simulator.venues.items()
        }
        environ["PERPS_STATS__ASK__EXCHANGES"] = ",".join(FOUR)
        for name, (columns, words) in PICTURES.items():
            text = await asyncio.to_thread(shown, words.split(), columns, environ)
            path = HERE / f"{name}.svg"
            path.write_text(picture(text, f"perps-stats {words}", columns))
            print(path)


if __name__ == "__main__":
    asyncio.run(main())
