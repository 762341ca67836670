"""The page in Debian's Chromium, driven by Playwright, on the real service."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from tests.cli.own_server import OwnServer, own_server
from tests.engines import reachable_directory
from tests.page.service import SYMBOLS, VENUES, Service, Venues, simulated
from tests.page.stored import Served, fill, served

from perps_stats.api.page import read_page

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PICTURES = Path("build/page")
"""Where what was seen is kept."""
UNREACHED = ("Failed to load resource", "WebSocket connection to")
"""The browser's own words for an answer that is not 200, and for none."""
BUSY = "a status of 503"
"""A database that does not answer a probe within seconds: of this machine, not of the page."""
PATIENCE_MS = 60_000
"""For whatever is waited for: how fast this machine is says nothing about the page."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def venues() -> Generator[Venues]:
    with simulated() as running:
        yield running


@pytest.fixture(scope="session")
def service(venues: Venues) -> Generator[Service]:
    """Running, with rows of every market."""
    require_page()
    directory = reachable_directory()
    started = Service(directory, venues.environ)
    started.start()
    try:
        for path in ("tickers", "liquidity", "orderbooks"):
            started.await_rows(path, len(VENUES) * len(SYMBOLS))
        yield started
    finally:
        started.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def database() -> Generator[OwnServer]:
    """Started; a test that stops it starts it again."""
    require_page()
    with own_server(reachable_directory()) as server:
        yield server


@pytest.fixture(scope="module")
def hundreds(
    database: OwnServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Generator[Served]:
    """``serve`` on hundreds of markets, in a database of the module's own."""
    directory, name = tmp_path_factory.mktemp("hundreds"), request.module.__name__.split("_")[-1]
    fill(database, name, directory)
    with served(directory, database, name) as running:
        yield running


def require_page() -> None:
    if CHROMIUM is None:
        pytest.skip("the page is looked at in chromium: apt-get install chromium")
    if not read_page():
        pytest.skip("the page is not built: make page")


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    """Of a module: its driver keeps a loop running, in which no asynchronous test could."""
    require_page()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


Look: TypeAlias = Literal["dark", "light"]


class Viewer:
    """Opens views; what the console says wrong is an error of the test."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    @contextmanager
    def see(
        self,
        view: str,
        *,
        look: Look = "dark",
        width: int = 1280,
        zone: str = "Etc/UTC",
        may_fail: bool = False,
    ) -> Generator[Page]:
        """``may_fail``: requests are meant to, and not because the service is busy. ``zone``: where
        who looks at it is.
        """
        context = self._browser.new_context(
            viewport=ViewportSize(width=width, height=900),
            color_scheme=look,
            timezone_id=zone,
            has_touch=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.extend(_errors(said)))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{self._address}/#/{view}")
        page.locator("main").wait_for()
        yield page
        context.close()
        meant = UNREACHED if may_fail else ()
        assert [each for each in wrong if not (each.startswith(meant) or BUSY in each)] == []


def _errors(said: ConsoleMessage) -> list[str]:
    return [f"{said.text} ({said.location['url']})"] if said.type == "error" else []


def keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def viewer(chromium: Browser, service: Service) -> Viewer:
    return Viewer(chromium, service.address)
