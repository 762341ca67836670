"""A batch as a record: what is read back is what was written, also by a later program."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.catalogue import DATA_SETS, TRADES, DataSet
from perps_stats.core.stored import Row
from perps_stats.core.types import Gap, GapCause
from perps_stats.ingest.spool import batch as module
from perps_stats.ingest.spool.batch import Batch, Reach, decode, encode, halves, merged, readable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.dictionaries(
    st.sampled_from(sorted(DATA_SETS)),
    st.lists(st.tuples(st.none() | st.text(), st.text()), min_size=1, max_size=5),
)
REACHES = st.lists(
    st.builds(Reach, st.integers(1, 2**31 - 1), st.text(), TIMES, TIMES, st.none() | TIMES),
    max_size=4,
)
GAPS = st.lists(
    st.builds(
        Gap,
        exchange=st.text(),
        symbol=st.text(),
        stream=st.text(),
        start_time=TIMES,
        end_time=st.none() | TIMES,
        cause=st.sampled_from(GapCause),
        missed=st.none() | st.integers(0, 2**63 - 1),
        detail=st.none() | st.text(),
        detected_at=TIMES,
    ),
    max_size=3,
)
BATCHES = st.builds(
    Batch, session=st.integers(1, 2**31 - 1), begun=TIMES, rows=ROWS, gaps=GAPS, reaches=REACHES
)


@given(BATCHES)
def test_what_is_written_is_read(batch: Batch) -> None:
    """Rows of any text, gaps, marks, to the microsecond."""
    assert decode(encode(batch)) == batch


def test_a_later_program_knows_other_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value stays in its own; those that were not known then are null, others are let go."""
    names = TRADES.columns
    payload = encode(Batch(session=1, begun=NOON, rows={"trades": [row(names)]}))

    class Later(DataSet, frozen=True, kw_only=True, dict=True):
        @property
        def columns(self) -> tuple[str, ...]:
            return ("new", *reversed(names[1:]))

    later = Later(
        name="trades", row=TRADES.row, table="trades", key=TRADES.key, meaning=TRADES.meaning
    )
    monkeypatch.setattr(module, "DATA_SETS", {"trades": later})
    expected = (None, *reversed(row(names)[1:]))
    assert list(decode(payload).rows["trades"]) == [expected]


def test_what_is_no_batch_is_left_out() -> None:
    """A row that holds a number was never text: its batch cannot be read, the others can."""
    good = Batch(session=1, begun=NOON, rows={"trades": [row(TRADES.columns)]}, gaps=[], reaches=[])
    bad = Batch(session=1, begun=NOON, rows={"trades": [(1,)]})  # type: ignore[list-item]  # so it is
    assert readable([encode(good), encode(bad), b"", encode(good)]) == [good, good]


def row(names: Sequence[str]) -> Row:
    return tuple(f"the {name}" for name in names)


def test_batches_merge_in_their_order() -> None:
    """Rows by data set, gaps and marks one after the other."""
    first = Batch(session=1, begun=NOON, rows={"trades": [("1",)]}, reaches=[reach(1)])
    second = Batch(
        session=1, begun=NOON, rows={"trades": [("2",)], "klines": [("3",)]}, reaches=[reach(2)]
    )
    whole = merged([first, second])
    assert whole.rows == {"trades": [("1",), ("2",)], "klines": [("3",)]}
    assert whole.reaches == [reach(1), reach(2)]
    assert whole.size == 3
    assert first.rows == {"trades": [("1",)]}


def test_halves_have_all_rows_and_the_second_the_marks() -> None:
    """They are written one after the other: marks never run ahead of rows."""
    rows: dict[str, list[Row]] = {"trades": [("1",), ("2",)], "klines": [("3",)]}
    first, second = halves(Batch(session=1, begun=NOON, rows=rows, reaches=[reach(1)]))
    assert (first.rows, first.reaches) == ({"trades": [("1",)]}, ())
    assert (second.rows, second.reaches) == ({"trades": [("2",)], "klines": [("3",)]}, [reach(1)])


def reach(second: int) -> Reach:
    return Reach(1, "trades", NOON, NOON.replace(second=second), None)
