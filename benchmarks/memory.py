"""The most memory that a backfill of a million candles takes, the simulator in another process.

A program of its own: what the kernel tells of a process begins with the size of its parent.
"""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from candles import NAMES

DAYS = 100
CANDLES = len(NAMES) * DAYS * 1440
PROGRAM = str(Path(sys.executable).parent / "perps-stats")


@contextmanager
def simulator() -> Generator[dict[str, str]]:
    """The settings that point at a generous Binance."""
    command = [PROGRAM, "sim", "--exchanges", "binance", "--symbols", ",".join(NAMES)]
    generous = [*command, "--generosity", "100000"]
    with subprocess.Popen(  # noqa: S603 our own program
        generous, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            lines = [process.stdout.readline().strip() for _ in range(2)]
            yield dict(line.split("=", 1) for line in lines) | {
                "PERPS_STATS__EXCHANGES__BINANCE__LIMIT_FACTOR": "100"
            }
        finally:
            process.terminate()


def backfill(directory: Path, settings: dict[str, str]) -> tuple[int, int]:
    """The greatest resident size in bytes, and how many rows were new."""
    command = [PROGRAM, "backfill", "--exchanges", "binance", "--symbols", ",".join(NAMES)]
    span = ["--data", "klines", "--from", "2024-01-01", "--to", f"{1_704_067_200 + DAYS * 86_400}"]
    where = ["--database-dir", str(directory), "--json"]
    process = subprocess.Popen(  # noqa: S603 our own program
        [*command, *span, *where],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit code {process.returncode}: {said[-300:]}"
    return usage.ru_maxrss * 1024, sum(map(int, re.findall(r'"new": ?(\d+)', said)))


def show_memory(rounds: int) -> None:
    sizes: list[float] = []
    with simulator() as settings:
        for _ in range(rounds):
            with TemporaryDirectory(dir="/tmp") as home:
                Path(home).chmod(0o755)
                size, rows = backfill(Path(home) / "database", settings)
                assert rows == CANDLES, f"{rows} of {CANDLES} candles"
                sizes.append(size)
    print(f"\nthe most memory of a backfill of {CANDLES:,} candles (MB)")
    print(f"{min(sizes) / 1e6:.0f} to {max(sizes) / 1e6:.0f}, of {rounds}")


if __name__ == "__main__":
    show_memory(int(sys.argv[1]))
