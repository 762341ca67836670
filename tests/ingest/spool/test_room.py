"""A disk without room, or that fails: nothing is acknowledged that is not there, and it goes on."""

import errno
from collections.abc import Callable

import pytest

from perps_stats.ingest.spool.spool import NoRoom, Recovered, Spool

from .dying import DyingDisk

PLENTY = 1 << 20


class SickDisk(DyingDisk):
    """``ill`` names the steps that fail for now; a write that fails is half done."""

    def __init__(self) -> None:
        super().__init__()
        self.ill: set[str] = set()

    def create(self, number: int) -> None:
        self._fails("create")
        super().create(number)

    def append(self, number: int, data: bytes) -> None:
        if "append" in self.ill:
            super().append(number, data[: len(data) // 2])
        self._fails("append")
        super().append(number, data)

    def sync(self, number: int) -> None:
        self._fails("sync")
        super().sync(number)

    def cut(self, number: int, size: int) -> None:
        self._fails("cut")
        super().cut(number, size)

    def remove(self, number: int) -> None:
        self._fails("remove")
        super().remove(number)

    def sync_directory(self) -> None:
        self._fails("sync_directory")
        super().sync_directory()

    def _fails(self, step: str) -> None:
        if step in self.ill:
            raise OSError(errno.ENOSPC, "No space left on device")


def opened(disk: DyingDisk, max_bytes: int = PLENTY, now: Callable[[], int] = lambda: 0) -> Spool:
    spool = Spool(disk, now, max_bytes=max_bytes, segment_bytes=100)
    spool.recover()
    return spool


def held(spool: Spool) -> list[bytes]:
    return spool.read(PLENTY).payloads


EVERY_TIME: list[set[str]] = [{"append"}, {"sync"}, {"append", "cut"}, {"sync", "cut"}]
WITH_A_NEW_SEGMENT: list[set[str]] = [{"create"}, {"sync_directory"}]


@pytest.mark.parametrize(
    ("ill", "before"),
    [(ill, before) for ill in EVERY_TIME for before in (0, 1, 2)]
    + [(ill, before) for ill in WITH_A_NEW_SEGMENT for before in (0, 2)],
)
def test_a_write_that_fails_is_not_acknowledged(ill: set[str], before: int) -> None:
    """With the reason; what was there stays, and what comes when the disk is well again follows."""
    disk = SickDisk()
    spool = opened(disk)
    kept = [b"%d" % number * 60 for number in range(before)]
    for payload in kept:
        spool.append([payload])
    disk.ill = ill
    with pytest.raises(NoRoom, match="No space left on device"):
        spool.append([b"lost"])
    assert held(spool) == kept
    disk.ill = set()
    spool.append([b"well"])
    assert held(spool) == [*kept, b"well"]
    found = held(opened(disk))
    assert [payload for payload in found if payload != b"lost"] == [*kept, b"well"]


@pytest.mark.parametrize("step", ["append", "sync"])
def test_what_was_half_written_is_gone(step: str) -> None:
    """The next process finds no damage where nothing was acknowledged."""
    disk = SickDisk()
    spool = opened(disk)
    spool.append([b"a"])
    disk.ill = {step}
    with pytest.raises(NoRoom):
        spool.append([b"lost" * 9])
    disk.ill = set()
    spool.append([b"b"])
    assert Spool(disk, lambda: 0, max_bytes=PLENTY).recover() == Recovered(2, 0, 0)


def test_no_more_than_the_limit() -> None:
    """A record that would pass it is not written; when others are stored there is room again."""
    spool = opened(DyingDisk(), max_bytes=250)
    spool.append([b"a" * 80])
    spool.append([b"b" * 80])
    with pytest.raises(NoRoom, match="the limit of 250 bytes is reached"):
        spool.append([b"c" * 80])
    assert spool.bytes == 2 * 104
    spool.remove(spool.read(1).through)
    spool.append([b"c" * 80])
    assert held(spool) == [b"b" * 80, b"c" * 80]


def test_the_oldest_segment_can_be_dropped() -> None:
    """What it held is told; the last one may be it, and nothing more can be."""
    spool = opened(DyingDisk())
    for payload in (b"a" * 60, b"b" * 60, b"c" * 60):
        spool.append([payload])
    assert spool.drop_oldest() == [b"a" * 60, b"b" * 60]
    assert held(spool) == [b"c" * 60]
    assert spool.drop_oldest() == [b"c" * 60]
    with pytest.raises(NoRoom, match="nothing is left to drop"):
        spool.drop_oldest()
    spool.append([b"d"])
    assert held(spool) == [b"d"]


def test_what_cannot_be_removed_is_not_stored_twice_by_this_process() -> None:
    """It takes room until it can be, and is replayed after a restart."""
    disk = SickDisk()
    spool = opened(disk)
    spool.append([b"a"])
    disk.ill = {"remove"}
    spool.remove(spool.read(1).through)
    assert (spool.records, spool.bytes) == (0, 25)
    with pytest.raises(NoRoom):
        spool.drop_oldest()
    disk.ill = set()
    assert held(opened(disk)) == [b"a"]
    spool.append([b"b"])
    spool.remove(spool.read(1).through)
    assert (spool.records, spool.bytes, disk.numbers()) == (0, 0, [])


def test_the_age_is_that_of_the_oldest_record() -> None:
    """In seconds; also of one that an earlier process wrote."""
    times = [5_000_000]
    disk = DyingDisk()
    spool = opened(disk, now=lambda: times[-1])
    assert spool.oldest is None
    spool.append([b"a"])
    times.append(7_500_000)
    spool.append([b"b"])
    assert opened(disk, now=lambda: times[-1]).oldest == 2.5
    spool.remove(spool.read(1).through)
    assert spool.oldest == 0.0
