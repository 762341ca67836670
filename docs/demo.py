"""``run --demo`` on any free port, with a database of its own, in which one feed falls silent."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

FAULTS = "silence:orderbook:@45s:15\n"
WARM_SECONDS = 90
"""By then the silence is over, and minutes have closed."""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def program(*words: str) -> list[str]:
    return [sys.executable, "-m", "perps_stats", *words]


@contextmanager
def demo(directory: Path) -> Generator[str]:
    """Its address, once it is worth looking at. Its database is in ``data/demo`` there."""
    Path(directory).chmod(0o755)  # under root the server has a user of its own
    (directory / "faults").write_text(FAULTS)
    words = ("run", "--demo", "--port", "0", "--database-dir", "data", "--json")
    command = program(*words, "--faults", "faults")
    log = directory / "log"
    with (
        log.open("wb") as told,
        subprocess.Popen(command, stdout=told, stderr=told, cwd=directory) as running,  # noqa: S603
    ):
        time.sleep(WARM_SECONDS)
        try:
            address = ADDRESS.search(log.read_text())
            if address is None:
                raise SystemExit(log.read_text())
            yield address[0]
        finally:
            running.send_signal(signal.SIGTERM)
