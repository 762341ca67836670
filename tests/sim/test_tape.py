"""Reading tapes."""

from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim.tape import read_tape

from .tapes import BODY, FRAMES, START, raw, write_tape


@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz"])
def test_what_was_received_is_read_in_order(name: str, tmp_path: Path) -> None:
    """Frames and bodies keep their exact text; what was sent is left out; gzip or not."""
    lines = list(read_tape(write_tape(tmp_path / name)))
    assert [line.raw for line in lines if line.src == "ws"] == [raw(i) for i in range(len(FRAMES))]
    assert [line.raw for line in lines if line.src == "rest"] == [BODY]
    assert lines[0].ts_ns == START * 10**6


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"ts_ns":1,"dir":"recv","raw":"x"}\nnonsense\n', "line 2"),
        (b'{"dir":"recv","raw":"x"}\n', "line 1 .*ts_ns"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
def test_a_bad_tape_is_one_clear_line(content: bytes, says: str, tmp_path: Path) -> None:
    """The error names the file, the line and the form a tape has."""
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=rf"tape: '{path}' .*{says}"):
        list(read_tape(path))


def test_a_missing_tape_is_one_clear_line(tmp_path: Path) -> None:
    """No file, no traceback."""
    with pytest.raises(BadInput, match="No such file"):
        list(read_tape(tmp_path / "none.jsonl"))
