"""The systemd unit: its settings are ours, and systemd itself finds it sound."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from perps_stats.settings import load_settings

from .words import accepted

UNIT = Path(__file__).parents[2] / "deploy/perps-stats.service"
TEXT = UNIT.read_text(encoding="utf-8")


def said(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", TEXT, re.MULTILINE)


def test_the_command_line_is_ours() -> None:
    """The program takes the words that systemd starts it with."""
    (line,) = said("ExecStart")
    program, *words = line.split()
    assert program.endswith("/bin/perps-stats")
    accepted(words)


def test_its_environment_is_settings(tmp_path: Path) -> None:
    """What is kept lies where systemd makes room for it."""
    environ = dict(pair.split("=", 1) for line in said("Environment") for pair in line.split())
    settings, _ = load_settings({}, environ, tmp_path)
    assert [str(settings.database.dir)] == [f"/var/lib/{name}" for name in said("StateDirectory")]
    assert said("EnvironmentFile") == ["-/etc/perps-stats/perps-stats.env"]


def test_it_waits_for_a_stop_longer_than_one_takes() -> None:
    """Five seconds of the program, and the database of its own after it."""
    assert int(said("TimeoutStopSec")[0]) > 5
    assert said("User") == ["perps-stats"]


def systemd_analyze() -> str:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("there is no systemd-analyze: the unit is only read")
    return tool


def test_systemd_accepts_it(tmp_path: Path) -> None:
    """With a program that this machine has in place of ours."""
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", TEXT, flags=re.MULTILINE))
    done = subprocess.run(
        [systemd_analyze(), "verify", unit], check=False, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_confined() -> None:
    """An exposure of at most 2 of 10, by systemd's own measure."""
    command = [systemd_analyze(), "security", "--offline=true", "--threshold=20", str(UNIT)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout
