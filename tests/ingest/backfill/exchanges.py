"""Simulated exchanges as a process of their own, and the program that is pointed at them."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GENEROSITY = "1000"
VENUES = ("binance", "kucoin", "lighter", "paradex")


@contextmanager
def simulated(log: Path, symbols: str, *words: str) -> Iterator[dict[str, str]]:
    """The environment that points at them; they take requests as fast as they come."""
    command = [sys.executable, "-m", "perps_stats", "sim", "-e", ",".join(VENUES), "-s", symbols]
    with log.open("w") as told:
        process = subprocess.Popen(
            [*command, "--generosity", GENEROSITY, *words], stdout=subprocess.PIPE, stderr=told
        )
        assert process.stdout is not None
        lines = [process.stdout.readline().decode() for _ in range(2 * len(VENUES))]
        environ = dict(re.findall(r"(PERPS_STATS\w+)=(\S+)", "".join(lines)))
        factors = {
            f"PERPS_STATS__EXCHANGES__{name.upper()}__LIMIT_FACTOR": GENEROSITY for name in VENUES
        }
        try:
            yield environ | factors
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def program(environ: dict[str, str], *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "perps_stats", *words],
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def asked(log: Path) -> dict[str, int]:
    """Requests for history by exchange, as the simulator said at its end."""
    counts = dict.fromkeys(VENUES, 0)
    text = re.sub(r"\x1b\[[\d;]*m", "", log.read_text())
    for line in text.splitlines():
        if not (match := re.search(r"venue=(\w+)", line)):
            continue
        for path, count in re.findall(r"'([^']+)': (\d+)", line):
            if is_history(path):
                counts[match[1]] += int(count)
    return counts


def is_history(path: str) -> bool:
    ends = ("/klines", "/kline/query", "/candles", "/fundings", "/funding/data", "/fundingRate")
    return path.endswith((*ends, "contract/funding-rates"))


def records(out: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(out)["data"]
    return found


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Seconds on the clock, of CPU, and the most memory of any child process so far, in MB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told: dict[str, float] = {}
    yield told
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told["seconds"] = time.monotonic() - began
    told["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told["mb"] = after.ru_maxrss / 1024
