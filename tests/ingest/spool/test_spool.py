"""The spool: what is acknowledged is there, in order, whatever happens to disk and process."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from perps_stats.ingest.spool.frames import HEAD_BYTES
from perps_stats.ingest.spool.spool import Recovered, Spool

from .dying import Death, DyingDisk, Kept

PAYLOADS = st.lists(st.binary(max_size=60), min_size=1, max_size=12)
PLENTY = 1 << 20


def opened(disk: DyingDisk, *, max_bytes: int = PLENTY, segment_bytes: int = 200) -> Spool:
    """As a process does that starts."""
    spool = Spool(disk, lambda: 0, max_bytes=max_bytes, segment_bytes=segment_bytes)
    spool.recover()
    return spool


def drained(spool: Spool, most_bytes: int = 100) -> list[bytes]:
    """All of it, by the chunk."""
    found: list[bytes] = []
    while spool.records:
        chunk = spool.read(most_bytes)
        found += chunk.payloads
        spool.remove(chunk.through)
    return found


@given(PAYLOADS, st.integers(1, 500), st.integers(1, 500))
def test_what_goes_in_comes_out(payloads: list[bytes], segment: int, chunk: int) -> None:
    """In order, whatever the sizes, also by the next process; then there is no byte left."""
    disk = DyingDisk()
    spool = opened(disk, segment_bytes=segment)
    for payload in payloads:
        spool.append([payload])
    assert spool.records == len(payloads)
    again = opened(disk, segment_bytes=segment)
    assert drained(again, chunk) == payloads
    assert (again.bytes, again.records, again.oldest, disk.numbers()) == (0, 0, None, [])


@given(PAYLOADS, st.data())
def test_a_flipped_byte_loses_its_record_alone(payloads: list[bytes], data: st.DataObject) -> None:
    """On disk between two processes, or under the one that wrote it; it is counted."""
    disk = DyingDisk()
    spool = opened(disk)
    spool.append(payloads)
    (number,) = disk.numbers()
    at = data.draw(st.integers(0, disk.size(number) - 1))
    disk.flip(number, at)
    lost = next(n for n, end in enumerate(ends(payloads)) if at < end)
    chunk = spool.read(PLENTY)
    assert (chunk.payloads, chunk.damaged) == (payloads[:lost] + payloads[lost + 1 :], 1)
    found = Spool(disk, lambda: 0, max_bytes=PLENTY)
    recovered = found.recover()
    assert recovered.records == len(payloads) - 1
    assert (recovered.damaged == 1) != (recovered.torn_bytes > 0)
    assert drained(found) == payloads[:lost] + payloads[lost + 1 :]


def ends(payloads: list[bytes]) -> list[int]:
    sizes = [HEAD_BYTES + len(payload) for payload in payloads]
    return [sum(sizes[: number + 1]) for number in range(len(sizes))]


@given(PAYLOADS, st.data())
def test_a_torn_tail_is_cut(payloads: list[bytes], data: st.DataObject) -> None:
    """What came before it stays, and what comes after it is found too; it is told once."""
    disk = DyingDisk()
    opened(disk).append(payloads)
    (number,) = disk.numbers()
    length = data.draw(st.integers(0, disk.size(number)))
    disk.cut(number, length)
    complete = sum(end <= length for end in ends(payloads))
    torn = length - (0, *ends(payloads))[complete]
    spool = Spool(disk, lambda: 0, max_bytes=PLENTY)
    assert spool.recover() == Recovered(complete, 0, torn)
    spool.append([b"next"])
    again = Spool(disk, lambda: 0, max_bytes=PLENTY)
    assert again.recover() == Recovered(complete + 1, 0, 0)
    assert drained(again) == [*payloads[:complete], b"next"]


class Life(Struct):
    """What a process has told: ``kept`` is acknowledged, ``stored`` is in the database."""

    kept: list[bytes]
    stored: set[bytes]


def live(disk: DyingDisk, life: Life) -> None:
    """Fill some segments, store some of that, fill more, store all, begin anew."""
    spool = opened(disk, segment_bytes=60)
    for number in range(6):
        append(spool, life, b"%d" % number * 20)
    store(spool, life, 130)
    for number in range(6, 9):
        append(spool, life, b"%d" % number * 20)
    while spool.records:
        store(spool, life, 130)
    append(spool, life, b"last")


def append(spool: Spool, life: Life, payload: bytes) -> None:
    spool.append([payload])
    life.kept.append(payload)


def store(spool: Spool, life: Life, most_bytes: int) -> None:
    """As the database does: in one transaction, and known to it from then on."""
    chunk = spool.read(most_bytes)
    life.stored.update(chunk.payloads)
    spool.remove(chunk.through)


def all_steps() -> int:
    disk = DyingDisk()
    live(disk, Life([], set()))
    return disk.steps


@pytest.mark.parametrize("kept", list(Kept))
@pytest.mark.parametrize("step", range(1, all_steps() + 1))
def test_a_death_between_any_two_steps(step: int, kept: Kept) -> None:
    """What was acknowledged is stored, or is there, in its order; and the next process goes on.

    At most one more is there: whose writing had begun.
    """
    disk, life = DyingDisk(), Life([], set())
    disk.dies_at = step
    with pytest.raises(Death):
        live(disk, life)
    disk.lose_power(kept)
    spool = opened(disk, segment_bytes=60)
    append(spool, life, b"after")
    found = drained(spool)
    missing = [payload for payload in life.kept if payload not in life.stored]
    assert [payload for payload in found if payload in missing] == missing
    begun = set(found) - set(life.kept)
    assert len(begun) <= 1
    assert disk.numbers() == []


@pytest.mark.parametrize("kept", list(Kept))
def test_a_death_while_it_recovers(kept: Kept) -> None:
    """After any step of the recovery itself the next one finds the same."""
    for step in count(1):
        disk, life = DyingDisk(), Life([], set())
        disk.dies_at = all_steps() - 1
        with pytest.raises(Death):
            live(disk, life)
        disk.lose_power(Kept.HALF)
        disk.steps, disk.dies_at = 0, step
        try:
            opened(disk)
        except Death:
            disk.lose_power(kept)
            assert b"last" not in life.kept
            assert drained(opened(disk)) == []
        else:
            return
