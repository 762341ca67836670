"""A recorded session from a file: one JSON a line, plain or gzip.

``{"ts_ns": int, "dir": "open" | "send" | "recv", "src": "rest" | "ws", "url": …, "raw": "…"}``
where ``raw`` is the exact text of a frame or of a body.
"""

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

import msgspec

from perps_stats.core.errors import BadInput

GZIP_MAGIC = b"\x1f\x8b"
REMEDY = "give a file of JSON lines {ts_ns, dir, src, raw}, plain or gzip"


class TapeLine(msgspec.Struct, frozen=True):
    ts_ns: int
    raw: str
    dir: str = "recv"
    src: str = "ws"
    url: str | None = None


def read_tape(path: Path) -> Iterator[TapeLine]:
    """What was received, in order. Raises ``BadInput`` that names the file and the line."""
    decode = msgspec.json.Decoder(TapeLine).decode
    number = 0
    try:
        with _opened(path) as lines:
            for number, text in enumerate(lines, 1):  # noqa: B007  # named in the error below
                line = decode(text)
                if line.dir == "recv":
                    yield line
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput("tape", str(path), f"it cannot be read ({error}); {REMEDY}") from error
    except msgspec.DecodeError as error:
        raise BadInput(
            "tape", str(path), f"line {number} is not one ({error}); {REMEDY}"
        ) from error


def _opened(path: Path) -> BufferedIOBase:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    return gzip.open(path) if packed else path.open("rb")
