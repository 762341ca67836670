"""A file has its name only when it is whole."""

from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput, Unwritable
from perps_stats.database.files.place import placed, require_free, writing_to


def test_a_file_takes_its_name_at_the_end(tmp_path: Path) -> None:
    """Until then the old one is there."""
    path = tmp_path / "a.csv"
    path.write_text("old")
    with placed(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_after_an_error_nothing_is_left(tmp_path: Path, error: type[BaseException]) -> None:
    """Neither the half of it, nor a change of what was there."""
    path = tmp_path / "a.csv"

    def write_half() -> None:
        with placed(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/such/a.csv", "file/a.csv"])
def test_a_place_that_is_none_is_told_at_once(tmp_path: Path, name: str) -> None:
    """Before anything is written: a directory that is missing, or is a file."""
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable, match=r"a\.csv cannot be written: N"), placed(tmp_path / name):
        pytest.fail("there is no place to write to")


def test_what_is_there_already_is_kept(tmp_path: Path) -> None:
    """It takes a word to replace it."""
    require_free(tmp_path / "free.csv")
    with pytest.raises(BadInput, match="it exists: use another name, or --force"):
        require_free(tmp_path)


def test_what_the_system_says_is_told() -> None:
    """The reason of a full disk, say."""
    with (
        pytest.raises(Unwritable, match=r"^a\.csv cannot be written: No space left on device$"),
        writing_to(Path("a.csv")),
    ):
        raise OSError(28, "No space left on device")
