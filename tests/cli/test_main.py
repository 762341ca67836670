"""Help and version: at once, without the machinery of commands."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.cli.program import SECONDS, Program

from perps_stats.cli import COMMANDS, VERSION

ROOT = Path(__file__).parents[2]
HEAVY = {"click", "asyncio", "msgspec", "rich", "aiohttp", "asyncpg", "structlog", "tomllib"}


def test_help_names_every_command(program: Program) -> None:
    """``--help``, ``-h`` and no word at all print every command with what it does."""
    asked = program("--help")
    assert asked.code == 0
    for name, command in COMMANDS.items():
        assert f"  {name:<11} {command.summary}\n" in asked.out
    assert program("-h") == program() == asked
    assert asked.err == ""


def test_help_tells_the_exit_codes(program: Program) -> None:
    """A script's author finds every exit code."""
    out = program("--help").out
    for code in ("0 ok", "1 failure", "2 usage", "3 configuration", "4 exchange", "5 database"):
        assert code in out
    assert "6 partial" in out
    assert "7 gaps" in out
    assert "130/143" in out


def test_version_is_the_packages(program: Program) -> None:
    """``--version`` says what ``pyproject.toml`` says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert program("--version").out == program("-V").out == f"perps-stats {VERSION}\n"


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """No third-party module and no event loop is imported for ``--help`` and ``--version``."""
    for flag in ("--help", "--version"):
        script = (
            "import sys, atexit\n"
            "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
            f"sys.argv = ['perps-stats', '{flag}']\n"
            "from perps_stats.__main__ import main\n"
            "main()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=True,
            timeout=SECONDS,
        )
        assert HEAVY.isdisjoint(done.stderr.split())


def test_debug_may_stand_first(program: Program) -> None:
    """``--debug`` is no command: what follows it counts."""
    assert program("--debug", "--version").out == f"perps-stats {VERSION}\n"
    assert program("--debug").code == 0


def test_a_reader_who_leaves_is_no_error(program: Program) -> None:
    """Output into a closed pipe ends quietly, for help and for a command."""
    for words in (["--help"], ["config", "show"]):
        process = program.start(*words)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(SECONDS) == 0
        process.stderr.close()
