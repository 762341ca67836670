"""The grammar of faults, and when each strikes."""

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import Fault, Faults, Kind, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop:100", Fault(Kind.DROP, 100)),
        ("disconnect:1", Fault(Kind.DISCONNECT, 1)),
        ("silence:500:15", Fault(Kind.SILENCE, 500, seconds=15.0)),
        ("badjson:7", Fault(Kind.BAD_JSON, 7)),
        ("429:3", Fault(Kind.SLOW_DOWN, 3, seconds=5.0)),
        ("418:3:0.5", Fault(Kind.BANNED, 3, seconds=0.5)),
        ("429:depth:2:30", Fault(Kind.SLOW_DOWN, 2, "depth", 30.0)),
        ("html:/fapi/v1/ticker/24hr:1", Fault(Kind.HTML, 1, "/fapi/v1/ticker/24hr")),
        ("html:book/BTC-USD-PERP:2", Fault(Kind.HTML, 2, "book/BTC-USD-PERP")),
        ("hang:klines:2", Fault(Kind.HANG, 2, "klines")),
    ],
)
def test_a_fault_is_read_as_written(text: str, fault: Fault) -> None:
    """KIND[:PATH]:N[:SECONDS]."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text",
    ["", "drop", "drop:0", "drop:x", "drop:depth:1", "silence:3", "html:1:5", "flood:1", "DROP:1"],
)
def test_what_is_no_fault_shows_the_grammar(text: str) -> None:
    """The error quotes the text and shows how to write one."""
    with pytest.raises(BadInput, match=r"KIND\[:PATH\]:N\[:SECONDS\]") as caught:
        parse_fault(text)
    assert caught.value.value == text


def test_a_drop_counts_diffs_and_strikes_once() -> None:
    """Of five diffs the second alone is dropped."""
    faults = Faults((parse_fault("drop:2"),))
    assert [faults.drops_diff() for _ in range(5)] == [False, True, False, False, False]


def test_a_frame_fault_strikes_the_first_connection_that_gets_there() -> None:
    """The second connection's third frame is spared."""
    faults = Faults((parse_fault("badjson:3"),))
    assert faults.on_frame(2) is None
    assert faults.on_frame(3) == Fault(Kind.BAD_JSON, 3)
    assert faults.on_frame(3) is None


def test_a_path_is_matched_whole_or_by_its_end() -> None:
    """``depth`` is not ``xdepth``, and other paths do not count."""
    faults = Faults((parse_fault("html:depth:2"), parse_fault("http500:4")))
    paths = ["/fapi/v1/depth", "/fapi/v1/xdepth", "/fapi/v1/depth", "/fapi/v1/time"]
    kinds = [fault and fault.kind for fault in map(faults.on_request, paths)]
    assert kinds == [None, None, Kind.HTML, Kind.HTTP_500]
