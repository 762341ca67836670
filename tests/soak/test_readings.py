"""How growth is judged."""

from tests.soak.readings import Reading, reading, rise, settled, table

TEXT = """\
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 3.145728e+06
# TYPE process_open_fds gauge
process_open_fds 40.0
# TYPE perps_stats_tasks gauge
perps_stats_tasks 90.0
# TYPE perps_stats_messages_total counter
perps_stats_messages_total{exchange="a",channel="trades"} 10.0
perps_stats_messages_total{exchange="b",channel="trades"} 5.0
# TYPE perps_stats_books gauge
perps_stats_books{exchange="a",state="verified"} 7.0
perps_stats_books{exchange="a",state="suspect"} 1.0
perps_stats_books{exchange="b",state="suspect"} 2.0
"""


def test_what_is_read() -> None:
    """Mebibytes, and sums over exchanges; what is not told is zero events."""
    assert reading(TEXT, 0.5) == Reading(
        hours=0.5,
        rss=3.0,
        tasks=90,
        files=40,
        messages=15,
        rows=0,
        gaps=0,
        open_gaps=0,
        resyncs=0,
        suspect=3,
    )


def test_what_comes_and_goes_is_no_rise() -> None:
    """One that stays is."""
    assert rise([10, 10, 10, 10, 10, 10, 10, 99, 10]) == 0
    assert rise([10, 10, 10, 10, 10, 10, 11, 99, 11]) == 1


def test_the_beginning_does_not_count() -> None:
    """Half of it."""
    readings = [reading(TEXT, hours) for hours in range(8)]
    assert [each.hours for each in settled(readings)] == [4, 5, 6, 7]


def test_the_table() -> None:
    """A line for each reading, with its minute."""
    head, line = table([reading(TEXT, 0.5)]).splitlines()
    assert head.split()[:4] == ["minutes", "rss", "tasks", "files"]
    assert line.split() == ["30.0", "3", "90", "40", "15", "0", "0", "0", "0", "3"]
