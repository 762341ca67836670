"""The grammar of faults."""

import re

import pytest

from perps_stats.cli.sim import FAULTS
from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import GRAMMAR, Fault, Kind, fault_now, parse_fault


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
        ("drop:trades@BTC:3", Fault(Kind.DROP, 3, "trades", symbol="BTC")),
        ("drop:@XBTUSDTM:3", Fault(Kind.DROP, 3, symbol="XBTUSDTM")),
        ("drop:@1000PEPEUSDT:3", Fault(Kind.DROP, 3, symbol="1000PEPEUSDT")),
        ("delay:any@BTC-USD-PERP:9:0.25", Fault(Kind.DELAY, 9, "any", 0.25, "BTC-USD-PERP")),
        ("rst:@12.5s", Fault(Kind.RST, 1, at=12.5)),
        ("silence:@5s:15", Fault(Kind.SILENCE, 1, seconds=15.0, at=5.0)),
        ("halfopen:trades@BTC:@5s", Fault(Kind.HALF_OPEN, 1, "trades", 0.0, "BTC", 5.0)),
        ("slow:*:0.5", Fault(Kind.SLOW, 0, seconds=0.5)),
        ("503:ws:2:7", Fault(Kind.UNAVAILABLE, 2, "ws", 7.0)),
        ("restart:@30s", Fault(Kind.RESTART, 1, seconds=1.0, at=30.0)),
        ("skew:@0s:-1.5", Fault(Kind.SKEW, 1, seconds=-1.5, at=0.0)),
        ("chaos:7:30", Fault(Kind.CHAOS, 7, seconds=30.0)),
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
        *(
            "drop::1",
            "drop:x@BTC:1",
            "html:depth@BTC:1",
            "rst:@5",
            "rst:@-1s",
            "rst:1:5",
            "delay:1",
        ),
        *("restart:5:1", "skew:@1s", "silence:1:-2", "restart:any:@1s", "chaos:7", "chaos:*:9"),
        *("random:@3s:9", "delay:*", "storm:@5s"),
    ],
)
def test_what_is_no_fault_shows_the_grammar(text: str) -> None:
    """The error quotes the text and shows how to write one."""
    with pytest.raises(BadInput, match=r"KIND\[:WHERE\]:WHEN\[:SECONDS\]") as caught:
        parse_fault(text)
    assert caught.value.value == text


def test_every_kind_is_in_the_help_and_in_the_error() -> None:
    """Whoever writes a fault wrongly sees all that there are."""
    for text in (FAULTS, GRAMMAR):
        words = set(re.findall(r"[a-z0-9]+", text))
        assert set(Kind) - words == set()


@pytest.mark.parametrize(
    ("what", "symbol", "seconds", "fault"),
    [
        ("rst", "", None, Fault(Kind.RST, 1)),
        ("drop:trades", "BTC", None, Fault(Kind.DROP, 1, "trades", symbol="BTC")),
        ("drop", "ETHUSDT", None, Fault(Kind.DROP, 1, symbol="ETHUSDT")),
        ("silence", "", 2.5, Fault(Kind.SILENCE, 1, seconds=2.5)),
        ("429:depth", "", 0.5, Fault(Kind.SLOW_DOWN, 1, "depth", 0.5)),
        ("skew", "", -3, Fault(Kind.SKEW, 1, seconds=-3.0, at=0.0)),
    ],
)
def test_a_fault_of_now_needs_no_when(
    what: str, symbol: str, seconds: float | None, fault: Fault
) -> None:
    """It is the next one."""
    assert fault_now(what, symbol, seconds) == fault


@pytest.mark.parametrize(
    ("what", "seconds"), [("flood", None), ("silence", None), ("drop:3", None), ("chaos", 5.0)]
)
def test_what_is_no_fault_of_now_shows_the_grammar(what: str, seconds: float | None) -> None:
    """Also what lacks its seconds, or has a count, or is by chance."""
    with pytest.raises(BadInput, match="write KIND"):
        fault_now(what, "", seconds)
