"""Where records are missing: the gaps cover what they held, and nothing that is there."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.stored import Mark
from perps_stats.core.times import from_us
from perps_stats.core.types import GapCause
from perps_stats.ingest.spool.batch import Batch, Reach
from perps_stats.ingest.spool.holes import Following, Hole, dropped, joined

NOON = from_us(1_772_366_400_000_000)
STREAMS = ("best", "trades")


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def batches(told: list[set[str]]) -> list[Batch]:
    """The n-th, from 1, brings these streams from where they were to second n."""
    before: dict[str, datetime] = {}
    made: list[Batch] = []
    for second, streams in enumerate(told, 1):
        reaches = [Reach(7, name, at(0), at(second), before.get(name)) for name in sorted(streams)]
        before |= dict.fromkeys(streams, at(second))
        made.append(Batch(session=1, begun=NOON, reaches=reaches))
    return made


@given(st.lists(st.sets(st.sampled_from(STREAMS)), max_size=12), st.data())
def test_lost_records_are_gaps(told: list[set[str]], data: st.DataObject) -> None:
    """Of each stream from the last that is there to the next that is there, if one between told it:
    by a model that looks at every second.
    """
    all_of_them = batches(told)
    lost = data.draw(st.sets(st.integers(0, max(len(told) - 1, 0))))
    following = Following([])
    found: list[Hole] = []
    for number, batch in enumerate(all_of_them):
        if number not in lost:
            found += following.holes(batch)
            following.follow(batch)
    expected: set[tuple[str, datetime, datetime]] = set()
    for stream in STREAMS:
        start, missing = at(0), 0
        for number, streams in enumerate(told):
            if stream in streams and number in lost:
                missing = number + 1
            elif stream in streams:
                if missing:
                    expected.add((stream, start, at(missing)))
                start, missing = at(number + 1), 0
    assert {(hole.stream, hole.start, hole.end) for hole in found} == expected
    assert {hole.cause for hole in found} <= {GapCause.CRASH}


def test_what_is_stored_is_where_following_begins() -> None:
    """Of a record before the first that is left, the database knows where it began."""
    _, _, third = batches([{"trades"}] * 3)
    following = Following([Mark(7, "trades", at(0), at(1))])
    (hole,) = following.holes(third)
    assert (hole.market_id, hole.stream, hole.start, hole.end) == (7, "trades", at(1), at(2))
    following = Following([Mark(7, "trades", at(0), at(2))])
    assert following.holes(third) == []
    assert Following([Mark(7, "trades", at(0), at(9))]).holes(third) == []


def test_what_is_dropped_is_told_by_stream_with_its_rows() -> None:
    """From where the first began to where the last ended; rows count for what made them."""
    told = batches([{"trades"}, {"trades", "best"}, {"best"}])
    some = [
        Batch(
            session=1,
            begun=NOON,
            reaches=batch.reaches,
            rows={"trades": [("7",), ("7",), ("8",)], "liquidity": [("7",)], "tickers": [("7",)]},
        )
        for batch in told[1:]
    ]
    holes = {hole.stream: hole for hole in dropped(some)}
    assert (holes["trades"].start, holes["trades"].end) == (at(1), at(2))
    assert (holes["best"].start, holes["best"].end) == (at(0), at(3))
    assert {hole.cause for hole in holes.values()} == {GapCause.OVERFLOW}
    assert holes["trades"].detail == "4 rows dropped: the spool had no room"
    assert holes["best"].detail == "2 rows dropped: the spool had no room"


def test_a_hole_is_a_row_of_the_gaps() -> None:
    """Market, bounds, cause, and when it was found; unknown is null."""
    hole = Hole(7, "trades", at(0), at(2), GapCause.OVERFLOW, 4)
    assert hole.row(at(5)) == (
        *("7", "trades", "2026-03-01 12:00:00.000000+00", "2026-03-01 12:00:02.000000+00"),
        *("overflow", None, "4 rows dropped: the spool had no room"),
        *("2026-03-01 12:00:05.000000+00", None, None),
    )


def test_what_is_dropped_again_lengthens_the_hole() -> None:
    """One of each stream, however long it lasts."""
    first = [Hole(7, "trades", at(0), at(2), GapCause.OVERFLOW, 4)]
    later = [
        Hole(7, "trades", at(2), at(5), GapCause.OVERFLOW, 3),
        Hole(8, "trades", at(3), at(5), GapCause.OVERFLOW, 1),
    ]
    assert joined(first, later) == [
        Hole(7, "trades", at(0), at(5), GapCause.OVERFLOW, 7),
        Hole(8, "trades", at(3), at(5), GapCause.OVERFLOW, 1),
    ]
