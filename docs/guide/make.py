"""Fills docs/guide.md with what the commands in it say: ``python -m docs.guide.make``.

A block ``python file=NAME`` is written to that file; of a block ``console`` each line that begins
with ``$`` is run, in the order of the guide, and what it says replaces what stood below. All of it
happens in one directory, beside a demo and simulated exchanges. What is longer than a block allows
(``lines=N``, ``columns=N`` of the terminal) is cut where ``…`` stands. A record of each resource is
kept for the reference.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import msgspec
from docs.demo import demo, program
from docs.guide.blocks import BLOCK, Block, read_block
from docs.reference.make import EXAMPLES
from docs.reference.openapi import Document
from docs.terminal import on_terminal

GUIDE = Path(__file__).parents[1] / "guide.md"
SHOWN = "127.0.0.1:8080"
"""The address in the guide, whatever the port is while it is made."""
HOME = "/home/you/perps"
COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
KEY = re.compile(r"ps_([0-9a-f]{10})_[0-9a-f]+")
OURS = {"NO_COLOR": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


class Answer(msgspec.Struct):
    data: list[object]


class Guide:
    """``address``: of the demo; ``directory``: where the reader would be."""

    def __init__(self, directory: Path, address: str) -> None:
        self._directory = directory
        self._address = address.removeprefix("http://")

    def filled(self, found: re.Match[str]) -> str:
        block = read_block(found)
        if block.file:
            (self._directory / block.file).write_text(block.text.replace(SHOWN, self._address))
        if not block.commands:
            return found[0]
        told = "\n\n".join(self._told(block, command) for command in block.commands)
        return f"```{block.head}\n{told}\n```"

    def _told(self, block: Block, command: str) -> str:
        print(command)
        text = command.replace(SHOWN, self._address)
        words = ("bash", "-c", text.replace("\\\n", " "))
        said = on_terminal(words, block.columns, OURS, self._directory)
        said = COLOURS.sub("", said).replace(self._address, SHOWN)
        said = KEY.sub(r"ps_\1_…", said.replace(str(self._directory), HOME))
        return "\n".join((f"$ {command}", *cut(said, block))).rstrip()


def cut(said: str, block: Block) -> Iterator[str]:
    """As much of it as the block allows; of a line that was written anew, the last."""
    lines = [line.rstrip().rpartition("\r")[2] for line in said.rstrip().split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    for line in lines[: block.lines]:
        yield line if len(line) <= block.columns else f"{line[: block.columns - 1]}…"
    if len(lines) > block.lines:
        yield "…"


@contextmanager
def exchanges(directory: Path) -> Generator[None]:
    """What ``perps-stats sim > .env`` in another window does, once it has told its addresses."""
    settings = directory / ".env"
    with (
        settings.open("wb") as told,
        subprocess.Popen(  # noqa: S603 our own program
            program("sim"), stdout=told, cwd=directory
        ) as running,
    ):
        try:
            while not settings.stat().st_size:
                time.sleep(0.1)
            yield
        finally:
            running.send_signal(signal.SIGTERM)


def examples(address: str) -> dict[str, object]:
    """The first record of each resource whose type no other told before."""
    document = msgspec.json.decode(asked(f"{address}/api/v1/openapi.json"), type=Document)
    found: dict[str, object] = {}
    rows: set[str] = set()
    for path, each in document.paths.items():
        row = each.get.row
        if row and row not in rows and (record := first_record(f"{address}{path}")):
            rows.add(row)
            found[path] = record
    return found


def first_record(url: str) -> object:
    """Of BTC where it can be had, as most is known of it."""
    for query in ("?exchange=binance&symbol=BTC", "?symbol=BTC", ""):
        try:
            answer = msgspec.json.decode(asked(f"{url}{query}"), type=Answer)
        except OSError:
            continue
        if answer.data:
            return answer.data[0]
    return None


def asked(url: str) -> bytes:
    with urlopen(url) as reply:  # noqa: S310 our own service
        return bytes(reply.read())


def main() -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        with demo(directory) as address, exchanges(directory):
            told = json.dumps(examples(address), indent=1)
            EXAMPLES.write_text(f"{told}\n", encoding="utf-8")
            print(EXAMPLES)
            guide = Guide(directory, address)
            text = GUIDE.read_text(encoding="utf-8")
            GUIDE.write_text(BLOCK.sub(guide.filled, text), encoding="utf-8")
            print(GUIDE)


if __name__ == "__main__":
    main()
