"""The history is asked for once; then the stream tells it, and REST what the stream has missed."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, WebSocketRoute, expect
from tests.page.conftest import Viewer
from tests.page.service import Service, eventually

VIEW = "history?symbol=ETH&exchange=kucoin&span=15m"
ROWS = "liquidity/averages?exchange=kucoin&symbol=ETH&start_time=-15m&limit=5000"
MEANS = re.compile(r"(\d+) means")


def means(page: Page) -> int:
    """0 while they are being asked for."""
    told = page.locator("h2", has_text="Depth within").inner_text()
    found = MEANS.search(told)
    return int(found[1]) if found else 0


def test_history_goes_on_by_the_stream(viewer: Viewer, service: Service) -> None:
    """It grows without a question; cut off, it asks from its last row on, and lacks nothing."""
    with viewer.see(VIEW.replace("ETH", "BTC"), may_fail=True) as page:
        cut: list[WebSocketRoute] = []
        page.route_web_socket("**/api/v1/stream", lambda route: cut.append(through(route)))
        asked: list[str] = []
        page.on("request", lambda request: asked.extend(starts(request.url)))
        page.reload()
        expect(page.locator(".pulse")).to_have_attribute("data-state", "live")
        page.goto(page.url.replace("BTC", "ETH"))
        # Once more, when the stream has agreed: what came in between is not missed.
        eventually(lambda: known(page, asked)[-1], is_a_time)
        equal = eventually(lambda: (means(page), len(service.rows(ROWS))), is_equal)
        questions = list(asked)
        eventually(lambda: means(page), lambda count: count >= equal[0] + 5)
        assert asked == questions
        cut[-1].close(code=1001, reason="cut by the test")
        expect(page.get_by_role("alert")).to_contain_text("cut by the test")
        expect(page.locator(".pulse")).to_have_attribute("data-state", "live", timeout=20_000)
        more = eventually(lambda: known(page, asked)[len(questions) :], bool)
        assert all(is_a_time(each) for each in more)
        eventually(lambda: (means(page), len(service.rows(ROWS))), is_equal)


def through(route: WebSocketRoute) -> WebSocketRoute:
    route.connect_to_server()
    return route


def starts(url: str) -> list[str]:
    """From when on averages are asked for, if that is what is asked."""
    parts = urlsplit(url)
    is_it = parts.path.endswith("/liquidity/averages")
    return parse_qs(parts.query)["start_time"] if is_it else []


def known(page: Page, asked: list[str]) -> list[str]:
    """The browser's driver tells what was asked while it is asked something itself."""
    means(page)
    return list(asked)


def is_a_time(start: str) -> bool:
    """Not a span that ends now, which would be all of it."""
    return not start.startswith("-")


def is_equal(counts: tuple[int, int]) -> bool:
    return counts[0] == counts[1] > 0
