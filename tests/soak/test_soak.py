"""``run --demo`` for a long time with faults by chance: it neither grows nor forgets to let go."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.cli.own_server import free_port
from tests.cli.program import Program, command
from tests.soak.readings import Reading, reading, rise, settled, table

MINUTES = float(os.environ.get("PERPS_STATS_SOAK_MINUTES", "20"))
EVERY_SECONDS = 5.0
WARM_SECONDS = 20.0
FAULTS = "chaos:7:6\n"
"""Six a minute at each exchange."""
MORE_MEBIBYTES = 2.0
"""From the middle to the end: what the allocator takes and gives."""
LEAST_MINUTES = 15.0
"""In less time what is taken to be kept (books that fill, rows on their way) looks like growth."""
MORE_TASKS = MORE_FILES = 10
"""What repairs and renewals need for a moment. One that is kept for each fault makes hundreds."""


@contextmanager
def demo(program: Program, directory: Path, port: int) -> Generator["subprocess.Popen[bytes]"]:
    """Its log goes to a file: who reads a pipe too slowly holds up who writes to it."""
    faults = program.directory / "faults.txt"
    faults.write_text(FAULTS)
    words = ("run", "--demo", "--port", str(port), "--faults", str(faults))
    with (program.directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command([*words, "--database-dir", str(directory / "db")]),
            cwd=program.directory,
            env=program.environ,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def metrics(port: int) -> str | None:
    """``None`` where nobody answers yet."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            told: bytes = answer.read()
    except (URLError, ConnectionError):
        return None
    return told.decode()


def watch(port: int, process: "subprocess.Popen[bytes]") -> list[Reading]:
    readings: list[Reading] = []
    while metrics(port) is None:
        assert process.poll() is None
        time.sleep(0.5)
    time.sleep(WARM_SECONDS)
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < MINUTES * 60:
        assert process.poll() is None
        told = metrics(port)
        assert told is not None
        readings.append(reading(told, seconds / 3600))
        time.sleep(EVERY_SECONDS)
    return readings


@pytest.mark.skipif("PERPS_STATS_LONG" not in os.environ, reason="PERPS_STATS_LONG=1: 20 minutes")
@pytest.mark.timeout(MINUTES * 60 + 300)
def test_it_does_not_grow(tmp_path: Path, directory: Path) -> None:
    """Memory, tasks and file descriptors are in the end what they were in the middle; faults
    came all the time and were healed, and it ends when it is told.
    """
    program, port = Program(tmp_path), free_port()
    with demo(program, directory, port) as process:
        readings = watch(port, process)
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    log = (tmp_path / "log").read_text()
    steady = settled(readings)
    growth = rise([each.rss for each in steady])
    tasks, files = rise([each.tasks for each in steady]), rise([each.files for each in steady])
    each_minute = readings[:: max(len(readings) // 20, 1)]
    sys.stdout.write(
        f"\n{table([*each_minute, readings[-1]])}\n"
        f"in the last half: {growth:+.1f} MiB, {tasks:+.0f} tasks, {files:+.0f} descriptors\n"
    )
    assert code == 143, log[-2000:]
    assert "Traceback" not in log
    assert readings[-1].gaps > readings[0].gaps
    assert readings[-1].messages > readings[0].messages
    assert growth <= MORE_MEBIBYTES or MINUTES < LEAST_MINUTES
    assert abs(tasks) <= MORE_TASKS
    assert abs(files) <= MORE_FILES
