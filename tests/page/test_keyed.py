"""A service that needs keys: the page asks for one, says what is wrong with it, forgets it."""

import re
import time

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.page.conftest import Viewer
from tests.page.service import eventually
from tests.page.stored import Served

KEPT = "() => [sessionStorage, localStorage].map((each) => each.getItem('perps-stats.key'))"
BOTH = "read,stream"
PHONE = 360


@pytest.fixture(scope="module")
def key(hundreds: Served) -> str:
    return hundreds.make_key("--scope", BOTH)


@pytest.fixture
def viewer(chromium: Browser, hundreds: Served, key: str) -> Viewer:  # noqa: ARG001 it is needed from then on
    return Viewer(chromium, hundreds.address)


def asked(page: Page) -> Locator:
    """The question for a key; a service notices within seconds that it needs one."""
    dialog = page.get_by_role("dialog", name="This service asks for a key")
    dialog.wait_for()
    return dialog


def enter(page: Page, text: str, *, remember: bool = False) -> None:
    """And wait for what the service says to it."""
    dialog = asked(page)
    dialog.get_by_label("Key", exact=True).fill(text)
    if remember:
        dialog.get_by_label("Remember").check()
    dialog.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("dialog").locator("button:disabled")).to_have_count(0)


def test_a_key_opens_the_page_and_the_stream(viewer: Viewer, key: str) -> None:
    """It is kept in the tab alone, is in no address, outlives a reload; then it is forgotten."""
    with viewer.see("overview", may_fail=True) as page:
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        page.on("websocket", lambda socket: addresses.append(socket.url))
        enter(page, key)
        page.locator("tr[data-market]").first.wait_for()
        expect(page.locator(".pulse")).to_have_attribute("data-state", "live")
        page.reload()
        page.locator("tr[data-market]").first.wait_for()
        assert page.evaluate(KEPT) == [key, None]
        secret = key.rpartition("_")[2]
        assert addresses
        assert [each for each in [*addresses, page.url] if secret in each] == []
        page.get_by_role("button", name="Your key").click()
        mine = page.get_by_role("dialog", name="Your key")
        expect(mine).to_contain_text(key.rpartition("_")[0])
        expect(mine).not_to_contain_text(secret)
        mine.get_by_role("button", name="Forget it").click()
        asked(page)
        assert page.evaluate(KEPT) == [None, None]


def test_a_key_is_remembered_where_one_asks_for_it(viewer: Viewer, key: str) -> None:
    """Then another tab of the browser has it, too; on a phone there is room for all of it."""
    with viewer.see("overview", width=PHONE, may_fail=True) as page:
        enter(page, key, remember=True)
        page.locator("tr[data-market]").first.wait_for()
        expect(page.get_by_role("button", name="Your key")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE
        assert page.evaluate(KEPT) == [None, key]
        other = page.context.new_page()
        other.goto(page.url)
        other.locator("tr[data-market]").first.wait_for()


def test_what_is_wrong_with_a_key_is_said(viewer: Viewer, hundreds: Served, key: str) -> None:
    """Unknown, expired, without the scope; nothing of it is kept, and the question stays."""
    wrong = {
        key[:-4] + "0000": "This key is not known",
        hundreds.make_key("--expires", "1s"): "This key has expired",
        hundreds.make_key("--scope", "stream"): "This key lacks the scope read",
    }
    time.sleep(1)  # it has expired from now on
    with viewer.see("overview", may_fail=True) as page:
        for text, why in wrong.items():
            alert = asked(page).get_by_role("alert")

            def told(text: str = text, alert: Locator = alert) -> str:
                enter(page, text)  # a service notices a new key within seconds
                return alert.inner_text()

            eventually(told, lambda said, why=why: why in said)  # type: ignore[misc]
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(asked(page)).to_contain_text("perps-stats keys create --scope read,stream")
        assert page.evaluate(KEPT) == [None, None]


def test_a_key_that_is_revoked_meanwhile_is_asked_for_anew(
    viewer: Viewer, hundreds: Served
) -> None:
    """Within seconds, with the reason; what was shown is still there behind the question."""
    mine = hundreds.make_key("--scope", BOTH)
    with viewer.see("overview", may_fail=True) as page:
        asked(page)
        eventually(lambda: entered(page, mine), bool)
        page.locator("tr[data-market]").first.wait_for()
        hundreds.program("keys", "revoke", mine.split("_")[1])
        expect(asked(page).get_by_role("alert")).to_have_text("This key was revoked.")
        expect(page.locator("tr[data-market]")).not_to_have_count(0)


def entered(page: Page, text: str) -> bool:
    if page.get_by_role("dialog").count():
        enter(page, text)
    return bool(page.evaluate(KEPT) != [None, None])


def test_without_the_scope_of_the_stream_rest_is_asked(viewer: Viewer, hundreds: Served) -> None:
    """The page says which scope it may lack, and how to make a key that has it."""
    mine = hundreds.make_key("--scope", "read")
    with viewer.see("overview", may_fail=True) as page:
        asked(page)
        eventually(lambda: entered(page, mine), bool)
        expect(
            page.locator("[data-name=last] .figure.fresh, [data-name=last] .stale").first
        ).to_be_visible()
        expect(page.locator(".trouble")).to_contain_text(
            re.compile("lacks the scope stream.*keys create --scope read,stream")
        )
        expect(page.locator(".pulse")).to_have_attribute("data-state", "polling")
