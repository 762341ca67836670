"""Rounds of several programs in turn, so that what else the machine does hits all alike.

A contestant is a process that prints ``ready``, then answers each mode on a line of its own with
the seconds of CPU it took and a check that must be the same for all.
"""

import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent


@dataclass
class Contestant:
    name: str
    python: str
    script: str
    mode: str
    seconds: list[float] = field(default_factory=list)
    check: str = ""

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 our own scripts
            [self.python, str(HERE / self.script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.frames = int(self._process.stdout.readline().split()[1])

    def run(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(self.mode + "\n")
        self._process.stdin.flush()
        seconds, _, self.check = self._process.stdout.readline().strip().partition(" ")
        self.seconds.append(float(seconds))

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def spread(self) -> str:
        low, middle, high = min(self.seconds), median(self.seconds), max(self.seconds)
        return f"{low:8.3f} {middle:8.3f} {high:8.3f}"


def compete(contestants: list[Contestant], rounds: int) -> None:
    """One round unmeasured, then ``rounds`` in shuffled order."""
    order = random.Random(7)  # noqa: S311 an order, no secret
    for each in contestants:
        each.start()
    try:
        for number in range(rounds + 1):
            for each in order.sample(contestants, len(contestants)):
                each.run()
            if number == 0:
                for each in contestants:
                    each.seconds.clear()
    finally:
        for each in contestants:
            each.stop()


def middle(seconds: list[float]) -> float:
    return median(seconds)


def spread(values: list[float], unit: float = 1.0) -> str:
    """Least, median and greatest, in that unit."""
    return f"{min(values) / unit:9.3f} {median(values) / unit:9.3f} {max(values) / unit:9.3f}"
