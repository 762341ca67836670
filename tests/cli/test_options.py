"""Every command and every option says what it is for."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from tests.cli.program import Program

from perps_stats.cli import COMMANDS
from perps_stats.cli.options import names_of, settings_with_database
from perps_stats.core.errors import BadInput


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, entry in COMMANDS.items():
        command: click.Command = import_module(f"perps_stats.cli.{entry.module}").command
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", each) for below, each in command.commands.items())


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_option_is_documented(name: str, command: click.Command) -> None:
    """The command has a sentence, and so has each of its options; it tells of its arguments."""
    assert command.help, name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} --{parameter.name}"
        else:
            assert f"{parameter.metavar}".rstrip("…") in command.help, f"{name} {parameter.name}"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_help_is_printed(tmp_path: Path, name: str) -> None:
    """``-h`` works on every command, whatever the settings are."""
    program = Program(tmp_path, {"PERPS_STATS__NONSENSE": "1"})
    done = program(*name.split(), "-h")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: perps-stats {name} [OPTIONS]")


@pytest.mark.parametrize("name", ["gaps", "db stats"])
def test_help_may_be_written_out(tmp_path: Path, name: str) -> None:
    """``--help`` says what ``-h`` says."""
    program = Program(tmp_path)
    assert program(*name.split(), "--help") == program(*name.split(), "-h")


def test_names_are_split_and_told_once() -> None:
    """Spaces do not matter, repetitions neither."""
    assert names_of(" BTC, ETH,BTC", "symbols") == ["BTC", "ETH"]
    with pytest.raises(BadInput, match="separate names by single commas"):
        names_of("BTC,", "symbols")


def test_a_directory_that_is_asked_for_prevails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--database-dir`` means the program's own database, whatever DATABASE_URL says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    database = settings_with_database({}, None, str(tmp_path / "data")).database
    assert (database.url, database.dir) == (None, tmp_path / "data")
    database = settings_with_database({}, None, None).database
    assert database.url == "postgresql://elsewhere/db"
