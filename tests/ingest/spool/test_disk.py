"""The directory of a spool: of one process alone, and what is wrong with it said in one line."""

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ingest.small_disk import fill_up, small_disk

from perps_stats.core.errors import ConfigError
from perps_stats.ingest.spool.disk import Directory
from perps_stats.ingest.spool.spool import NoRoom, Spool


def test_segments_are_files(tmp_path: Path) -> None:
    """Written, read, cut and removed; other files are no segments."""
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "x.spool").write_text("x")
    with closing(Directory(tmp_path / "a" / "b")) as deep:
        assert deep.numbers() == []
    with closing(Directory(tmp_path)) as disk:
        disk.create(7)
        disk.create(12)
        disk.append(7, b"hello ")
        disk.append(7, b"world")
        disk.sync(7)
        disk.sync_directory()
        assert (disk.numbers(), disk.size(7), disk.read(7, 6, 11)) == ([7, 12], 11, b"world")
        disk.cut(7, 5)
        assert disk.read(7, 0, 100) == b"hello"
        disk.remove(12)
        assert disk.numbers() == [7]
        with pytest.raises(FileExistsError):
            disk.create(7)


def test_a_second_process_is_told(tmp_path: Path) -> None:
    """Until the first is gone."""
    with (
        closing(Directory(tmp_path)),
        pytest.raises(ConfigError, match=r"another process uses it; .*SPOOL_DIR"),
    ):
        Directory(tmp_path)
    Directory(tmp_path).close()


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    """A file, or one that cannot be made: its name, and which setting names another."""
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, file / "below"):
        with pytest.raises(ConfigError, match=rf"stream\.spool_dir: {path}: .*; name a directory"):
            Directory(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_rights(tmp_path: Path) -> None:
    """Said at once, not when the database is away."""
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="spool_dir"):
        Directory(tmp_path)


def fill(spool: Spool, kept: list[bytes]) -> None:
    """Until it takes no more."""
    while True:
        payload = b"%d" % len(kept) * 2000
        spool.append([payload])
        kept.append(payload)


@pytest.fixture
def small(tmp_path: Path) -> Generator[Path]:
    with small_disk(tmp_path, "1m") as disk:
        yield disk


def test_a_disk_that_is_full(small: Path) -> None:
    """A real one: what was acknowledged is there, and with room it goes on."""
    with closing(Directory(small)) as disk:
        spool = Spool(disk, lambda: 0, max_bytes=1 << 30, segment_bytes=64 << 10)
        kept: list[bytes] = []
        with pytest.raises(NoRoom, match="No space left on device"):
            fill(spool, kept)
        assert len(kept) > 100
        assert spool.read(1 << 30).payloads == kept
        fill_up(small)
        with pytest.raises(NoRoom):
            spool.append([b"x"])
        again = Spool(disk, lambda: 0, max_bytes=1 << 30)
        assert again.recover().records == len(kept)
        assert again.read(1 << 30).payloads == kept
        dropped = spool.drop_oldest()
        spool.append([b"next"])
        assert spool.read(1 << 30).payloads == [*kept[len(dropped) :], b"next"]
