"""What is not answered is told where the answer would be, with its reason and its remedy."""

import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.cli.own_server import OwnServer
from tests.page.conftest import Viewer
from tests.page.stored import SYMBOLS, Served

AWAY = "the database does not answer"
LONGER_THAN_USUAL = re.compile(r"Asked again in [12]\d s")
"""Where the service says nothing, it is 5 s."""


@pytest.fixture
def viewer(chromium: Browser, hundreds: Served) -> Viewer:
    return Viewer(chromium, hundreds.address)


@contextmanager
def stopped(database: OwnServer) -> Generator[None]:
    database.stop()
    try:
        yield
    finally:
        database.start()


def test_without_its_database_the_page_says_so_and_comes_back(
    viewer: Viewer, database: OwnServer
) -> None:
    """In the place of each answer; what was answered before stays, and says of when it is."""
    with viewer.see(f"coverage?symbol={SYMBOLS[3]}", may_fail=True) as page:
        gaps = page.locator("section", has=page.get_by_role("heading", name="Gaps"))
        expect(gaps.get_by_role("row")).to_have_count(3)
        with stopped(database):
            told = gaps.get_by_role("status")
            expect(told).to_contain_text(AWAY)
            expect(told).to_contain_text("Gaps as of ")
            expect(told).to_contain_text("Asked again in ")
            expect(gaps.get_by_role("row")).to_have_count(3)
            page.keyboard.press("6")
            expect(page.get_by_label("Service")).to_contain_text(AWAY)
            page.keyboard.press("3")
            expect(page.locator("main")).to_contain_text("No answer about pairs")
        expect(page.locator("main")).not_to_contain_text(AWAY)


def test_who_comes_while_the_database_is_away_is_told_why_there_is_nothing(
    viewer: Viewer, database: OwnServer
) -> None:
    """Not a blank view, nor that there were no markets; they appear by themselves."""
    with stopped(database), viewer.see("overview", may_fail=True) as page:
        expect(page.locator("main")).to_contain_text(AWAY)
        database.start()
        page.locator("tr[data-market]").first.wait_for()
        database.stop()


def refuse(page: Page, path: str, status: int, detail: str, **headers: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=status, json={"detail": detail}, headers=headers)

    page.route(f"**/api/v1/{path}*", answer)


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (429, "more requests than the quota allows; again in 30 s"),
        (400, "start_time: -0d is not accepted; use a time before now"),
        (503, "the database would take too long over this; narrow the span or the markets"),
    ],
)
def test_a_refusal_is_told_in_the_services_words(viewer: Viewer, status: int, detail: str) -> None:
    """With its remedy; and it is not asked again before the service wants to be."""
    with viewer.see("status", may_fail=True) as page:
        refuse(page, "coverage/streams", status, detail, **{"Retry-After": "30"})
        page.keyboard.press("5")
        told = page.get_by_role("status").filter(has_text="No answer about coverage")
        expect(told).to_contain_text(detail)
        expect(told).to_contain_text(LONGER_THAN_USUAL)
