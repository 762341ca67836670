"""The grammar of faults, and when each strikes."""

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import Fault, Kind, parse_fault
from perps_stats.sim.losses import Told
from perps_stats.sim.pending import CHANCES, Faults


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
        ("cutoff:klines:12", Fault(Kind.CUT_OFF, 12, "klines")),
        ("reset:4", Fault(Kind.RESET, 4)),
        ("random:7:0.5", Fault(Kind.RANDOM, 7, seconds=0.5)),
        ("random:klines:7:100", Fault(Kind.RANDOM, 7, "klines", 100.0)),
    ],
)
def test_a_fault_is_read_as_written(text: str, fault: Fault) -> None:
    """KIND[:WHERE]:WHEN[:SECONDS]."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        *("", "drop", "drop:0", "drop:x", "drop:depth:1", "silence:3", "html:1:5", "flood:1"),
        *("DROP:1", "empty:1:5", "random:7", "random:7:0", "random:7:100.1", "random:7.5:1"),
    ],
)
def test_what_is_no_fault_shows_the_grammar(text: str) -> None:
    """The error quotes the text and shows how to write one."""
    with pytest.raises(BadInput, match=r"KIND\[:WHERE\]:WHEN\[:SECONDS\]") as caught:
        parse_fault(text)
    assert caught.value.value == text


def frame(stream: str, symbol: str = "BTCUSDT") -> Told:
    return Told(f"{symbol}@{stream}", symbol, symbol.removesuffix("USDT"), (stream,), 7)


def test_a_drop_counts_diffs_and_strikes_once() -> None:
    """Of five diffs the second alone is dropped."""
    faults = Faults((parse_fault("drop:2"),))
    told = [faults.on_told(frame("orderbook")) for _ in range(5)]
    assert told == [None, Fault(Kind.DROP, 2), None, None, None]


def test_a_frame_fault_strikes_the_first_connection_that_gets_there() -> None:
    """The second connection's third frame is spared."""
    faults = Faults((parse_fault("badjson:3"),))
    frames = [faults.on_frame(connection, None) for connection in (1, 1, 2, 1, 2, 2)]
    assert frames == [None, None, None, Fault(Kind.BAD_JSON, 3), None, None]


def test_a_path_is_matched_whole_or_by_its_end() -> None:
    """``depth`` is not ``xdepth``, and other paths do not count."""
    faults = Faults((parse_fault("html:depth:2"), parse_fault("http500:4")))
    paths = ["/fapi/v1/depth", "/fapi/v1/xdepth", "/fapi/v1/depth", "/fapi/v1/time"]
    kinds = [fault and fault.kind for fault in map(faults.on_request, paths)]
    assert kinds == [None, None, Kind.HTML, Kind.HTTP_500]


def struck(text: str, paths: list[str]) -> list[Fault | None]:
    return list(map(Faults((parse_fault(text),)).on_request, paths))


def test_chance_is_the_seeds_alone() -> None:
    """The same seed strikes the same requests in the same ways; another one does not."""
    paths = ["/fapi/v1/klines"] * 300
    assert struck("random:7:20", paths) == struck("random:7:20", paths)
    assert struck("random:7:20", paths) != struck("random:8:20", paths)


def test_chance_strikes_as_often_as_it_is_told() -> None:
    """Of 20000 requests a tenth within six standard deviations, every kind among them."""
    faults = [fault for fault in struck("random:3:10", ["/klines"] * 20_000) if fault]
    assert abs(len(faults) - 2000) < 6 * (20_000 * 0.1 * 0.9) ** 0.5
    assert {fault.kind for fault in faults} == set(CHANCES)
    assert {fault.seconds for fault in faults if fault.kind is Kind.SLOW_DOWN} == {1.0}


def test_chance_keeps_to_its_path() -> None:
    """All requests of the path are struck, no other is, and others do not change its throws."""
    alone = struck("random:klines:5:100", ["/v1/klines"] * 3)
    mixed = struck("random:klines:5:100", ["/v1/klines", "/v1/time", "/v1/klines", "/v1/klines"])
    assert mixed[1] is None
    assert [fault for fault in mixed if fault] == alone


def test_a_fault_with_a_number_comes_before_chance() -> None:
    """The second request hangs, however likely another fault is."""
    faults = Faults((parse_fault("random:1:100"), parse_fault("hang:2")))
    kinds = [fault and fault.kind for fault in map(faults.on_request, ["/a"] * 3)]
    assert kinds[1] is Kind.HANG
    assert {kinds[0], kinds[2]} <= set(CHANCES)
