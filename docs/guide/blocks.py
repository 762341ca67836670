"""The blocks of code in a document: what they say of themselves, and which commands they show."""

import re

from msgspec import Struct

BLOCK = re.compile(r"^```(?P<head>\w[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)
"""With the lines on which it goes on."""


class Block(Struct, frozen=True, kw_only=True):
    """``head``: language and settings, as they stand there. ``commands``: of a ``console``."""

    head: str
    text: str
    file: str | None
    lines: int
    columns: int
    commands: list[str]


def read_block(found: re.Match[str]) -> Block:
    language, *rest = found["head"].split()
    said = dict(part.split("=", 1) for part in rest)
    return Block(
        head=found["head"],
        text=found["text"],
        file=said.get("file"),
        lines=int(said.get("lines", 40)),
        columns=int(said.get("columns", 140)),
        commands=COMMAND.findall(found["text"]) if language == "console" else [],
    )
