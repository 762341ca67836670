"""The page of the demo in Debian's Chromium: its first paint, and its frames on Depth.

The service ticks 62 times a second. Printed are the milliseconds of each first paint, then of each
second of Depth the frames, the messages and the longest time between two frames.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

PAINTS = 7
SECONDS = 10
TICKS = {"PERPS_STATS__API__TICK_MS": "16"}
START_SECONDS = 25.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
FRAMES = """(seconds) => new Promise((done) => {
    const told = []
    let began = performance.now(), before = began, frames = 0, longest = 0
    const frame = (now) => {
        frames += 1
        longest = Math.max(longest, now - before)
        before = now
        if (now - began >= 1000) {
            told.push([frames, window.heard, longest])
            began = now; frames = 0; longest = 0; window.heard = 0
        }
        if (told.length < seconds) requestAnimationFrame(frame)
        else done(told)
    }
    window.heard = 0
    requestAnimationFrame(frame)
})"""
HEAR = """window.heard = 0
const Native = WebSocket
window.WebSocket = class extends Native {
    constructor(...said) { super(...said); this.addEventListener('message', () => window.heard++) }
}"""


@contextmanager
def demo() -> Generator[str]:
    """Its address, once it has had time to fill its books."""
    with TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)  # under root the server has a user of its own
        log = Path(directory, "log")
        command = [sys.executable, "-m", "perps_stats", "run", "--demo", "--port", "0"]
        with (
            log.open("wb") as told,
            subprocess.Popen(  # noqa: S603 our own program
                [*command, "--database-dir", f"{directory}/db", "--json"],
                stdout=told,
                stderr=told,
                env={**os.environ, **TICKS},
            ) as process,
        ):
            time.sleep(START_SECONDS)
            try:
                found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
                assert found, log.read_text()
                yield found[0]
            finally:
                process.send_signal(signal.SIGTERM)


def paint(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/")
    page.locator("tbody .figure").first.wait_for()
    found = float(page.evaluate(PAINT))
    context.close()
    return found


def frames(browser: Browser, address: str) -> list[tuple[int, int, float]]:
    page = browser.new_page()
    page.add_init_script(HEAR)
    page.goto(f"{address}/#/depth?symbol=BTC")
    page.locator("tbody .figure.fresh").first.wait_for()
    page.wait_for_timeout(2000)
    return [(each[0], each[1], each[2]) for each in page.evaluate(FRAMES, SECONDS)]


def main() -> None:
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*FLAGS]
        )
        print(*(paint(browser, address) for _ in range(PAINTS)))
        for count, messages, longest in frames(browser, address):
            print(count, messages, longest)
        browser.close()


if __name__ == "__main__":
    main()
