"""What happens by the clock: a file of faults, their times, and chaos by a seed."""

from itertools import islice, takewhile
from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim.faults import Fault, Kind, parse_fault
from perps_stats.sim.script import CHAOS, read_faults, schedule


def test_a_file_holds_a_fault_a_line(tmp_path: Path) -> None:
    """Comments and empty lines are none."""
    path = tmp_path / "faults"
    path.write_text("# three\ndrop:3\n\n  rst:@1.5s  # cut\nchaos:7:30\n")
    assert read_faults(path) == ("drop:3", "rst:@1.5s", "chaos:7:30")


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    """With its number, its text and the grammar."""
    path = tmp_path / "faults"
    path.write_text("drop:3\nflood:1\n")
    with pytest.raises(BadInput, match=r"faults: .*line 2: flood:1.* write KIND"):
        read_faults(path)


def test_a_file_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(BadInput, match=r"faults: .*nowhere"):
        read_faults(tmp_path / "nowhere")


def test_faults_come_in_the_order_of_their_times() -> None:
    """Whatever the order of the file; what counts is not among them."""
    faults = [parse_fault(text) for text in ("rst:@9s", "drop:3", "skew:@2.5s:1")]
    assert list(schedule(faults, "binance")) == [
        (2.5, Fault(Kind.SKEW, 1, seconds=1.0)),
        (9.0, Fault(Kind.RST, 1)),
    ]


def hour(text: str, exchange: str) -> list[tuple[float, Fault]]:
    events = schedule([parse_fault(text)], exchange)
    return list(takewhile(lambda event: event[0] < 3600, events))


def test_chaos_is_the_seeds_and_the_exchanges() -> None:
    """The same seed does the same to the same exchange; another seed, or exchange, does not."""
    first = hour("chaos:7:30", "binance")
    assert hour("chaos:7:30", "binance") == first
    assert hour("chaos:8:30", "binance") != first
    assert hour("chaos:7:30", "kucoin") != first


def test_chaos_is_as_frequent_as_it_is_told() -> None:
    """30 a minute are 1800 an hour within six standard deviations; every kind is among them."""
    events = hour("chaos:7:30", "binance")
    assert abs(len(events) - 1800) < 6 * 1800**0.5
    assert {fault.kind for _, fault in events} == {choice.kind for choice in CHAOS}


def test_what_chaos_does_can_be_written() -> None:
    """Each is a fault of the grammar, with the seconds it needs."""
    for _, fault in islice(schedule([parse_fault("chaos:1:60")], "lighter"), 500):
        where = f":{fault.where}" if fault.where else ""
        seconds = f":{fault.seconds}" if fault.seconds else ""
        when = "@0s" if fault.kind is Kind.RESTART else fault.number
        told = parse_fault(f"{fault.kind}{where}:{when}{seconds}")
        assert (told.kind, told.where, told.seconds) == (fault.kind, fault.where, fault.seconds)


def test_chaos_comes_between_what_has_a_time() -> None:
    """Both run on one clock."""
    faults = [parse_fault(text) for text in ("chaos:7:60", "rst:@30s")]
    events = list(takewhile(lambda event: event[0] <= 40, schedule(faults, "binance")))
    times = [time for time, _ in events]
    assert times == sorted(times)
    assert (30.0, Fault(Kind.RST, 1)) in events
    assert len(events) > 20
