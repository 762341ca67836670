"""The history is asked for once; then the stream tells it, and REST what the stream has missed."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect
from tests.page.conftest import Viewer
from tests.page.service import Service, Venues, eventually
from tests.page.wire import CUT, Wire

VIEW = "history?symbol=ETH&exchange=kucoin&span=1h"
ROWS = "liquidity/averages?exchange=kucoin&symbol=ETH&start_time=-1h&limit=5000"
MEANS = re.compile(r"(\d+) means")


def means(page: Page) -> int:
    """0 while they are being asked for."""
    told = page.locator("h2", has_text="Depth within").inner_text()
    found = MEANS.search(told)
    return int(found[1]) if found else 0


def test_history_goes_on_by_the_stream(viewer: Viewer, venues: Venues, service: Service) -> None:
    """It grows without a question; cut off, it asks from its last row on, and lacks nothing."""
    with viewer.see(VIEW.replace("ETH", "BTC"), may_fail=True) as page:
        wire = Wire(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.extend(starts(request.url)))
        expect(page.locator(".pulse")).to_have_attribute("data-state", "live")
        page.goto(page.url.replace("BTC", "ETH"))
        # Once more, when the stream has agreed: what came in between is not missed.
        eventually(lambda: known(page, asked), lambda all_of_it: any(map(is_a_time, all_of_it)))
        eventually(lambda: grown(page, asked), lambda questions: questions == [])
        wire.cut()
        expect(page.get_by_role("alert")).to_contain_text(CUT)
        asked.clear()
        wire.mend()
        expect(page.locator(".pulse")).to_have_attribute("data-state", "live")
        more = eventually(lambda: known(page, asked), bool)
        assert all(is_a_time(each) for each in more)
        with venues.cut("kucoin"):  # else they are counted at two moments, and one was in between
            eventually(lambda: (means(page), len(service.rows(ROWS))), is_equal)


def grown(page: Page, asked: list[str]) -> list[str]:
    """What was asked while five rows came: a gap that a busy machine has is a reason to ask."""
    before = known(page, asked)
    count = means(page)
    eventually(lambda: means(page), lambda now: now >= count + 5)
    return known(page, asked)[len(before) :]


def starts(url: str) -> list[str]:
    """From when on averages are asked for, if that is what is asked."""
    parts = urlsplit(url)
    said = parse_qs(parts.query)
    is_it = parts.path.endswith("/liquidity/averages") and said["symbol"] == ["ETH"]
    return said["start_time"] if is_it else []


def known(page: Page, asked: list[str]) -> list[str]:
    """The browser's driver tells what was asked while it is asked something itself."""
    means(page)
    return list(asked)


def is_a_time(start: str) -> bool:
    """Not a span that ends now, which would be all of it."""
    return not start.startswith("-")


def is_equal(counts: tuple[int, int]) -> bool:
    return counts[0] == counts[1] > 0
