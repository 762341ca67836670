"""Reading ``.env`` and ``perps-stats.toml``."""

from pathlib import Path

import pytest

from perps_stats.core.errors import ConfigError
from perps_stats.settings.sources import parse_dotenv, said_by_dotenv, said_by_toml


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("export A = 1 ", "1"),
        ("A='a # b'", "a # b"),
        ('A="a b"  # why', "a b"),
        ("A=a#b # why", "a#b"),
        ("A=x=y", "x=y"),
        ("A=", ""),
        ("A= # nothing", ""),
    ],
)
def test_a_line_is_a_name_and_a_value(line: str, value: str) -> None:
    """Spaces, ``export``, quotes and comments are read as a shell would."""
    assert list(parse_dotenv(f"# first\n\n{line}\n")) == [("A", value)]


@pytest.mark.parametrize("line", ["A", "1A=2", "A='open", "=x", "A='a'b"])
def test_a_line_that_is_none_is_told_with_its_number(line: str) -> None:
    """What cannot be read is not skipped."""
    with pytest.raises(ConfigError, match=r"\.env line 2 is not NAME=value"):
        list(parse_dotenv(f"B=1\n{line}\n"))


@pytest.mark.parametrize("name", ["PERPS_STATS_API__PORT", "PERPS_STAT__API__PORT", "perps_port"])
def test_a_misspelt_prefix_is_not_skipped(tmp_path: Path, name: str) -> None:
    """A name that looks like ours and is not is an error, not another program's variable."""
    (tmp_path / ".env").write_text(f"{name}=1\n")
    with pytest.raises(ConfigError, match=f"{name} is not a setting; ours begin with PERPS_STATS_"):
        list(said_by_dotenv(tmp_path))


@pytest.mark.parametrize("name", [".env", "perps-stats.toml"])
def test_a_file_that_is_not_text_is_told(tmp_path: Path, name: str) -> None:
    """Bytes that are no UTF-8 give one line, not a traceback."""
    (tmp_path / name).write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=f"{name} cannot be read"):
        [*said_by_dotenv(tmp_path), *said_by_toml(tmp_path)]


def test_no_files_say_nothing(tmp_path: Path) -> None:
    """Both files are optional."""
    assert [*said_by_dotenv(tmp_path), *said_by_toml(tmp_path)] == []
