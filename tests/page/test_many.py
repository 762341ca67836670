"""The page on hundreds of markets: what is not in sight is not there, and everything is found."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.page.conftest import Viewer
from tests.page.seen import figures
from tests.page.service import eventually
from tests.page.stored import EXCHANGES, MARKETS, SYMBOLS, Served, volume

ROWS = "[aria-label=Markets] tr[data-market]"
TO_THE_END = "(box) => { box.scrollTop = box.scrollHeight }"
MOST_ROWS = 60
"""A screen of 900 pixels has room for 33."""


@pytest.fixture
def viewer(chromium: Browser, hundreds: Served) -> Viewer:
    return Viewer(chromium, hundreds.address)


def names(page: Page) -> list[str]:
    found = page.locator(ROWS).evaluate_all("(rows) => rows.map((row) => row.dataset.market)")
    return [str(name) for name in found]


def test_only_rows_in_sight_are_there(viewer: Viewer) -> None:
    """The first, after scrolling the last, and how many there are is told to screen readers."""
    with viewer.see("overview") as page:
        page.locator(ROWS).first.wait_for()
        table = page.get_by_role("table").last
        expect(table).to_have_attribute("aria-rowcount", str(MARKETS + 1))
        assert names(page)[0] == f"{EXCHANGES[0]}/{SYMBOLS[0]}"
        assert len(names(page)) < MOST_ROWS
        page.get_by_role("region", name="Markets").evaluate(TO_THE_END)
        last = page.locator(f"tr[data-market='{EXCHANGES[1]}/{SYMBOLS[-1]}']")
        expect(last).to_have_attribute("aria-rowindex", str(MARKETS + 1))
        expect(last.locator("[data-name=last]")).to_have_text("12.5")
        assert len(names(page)) < MOST_ROWS


def test_the_table_is_narrowed_and_sorted(viewer: Viewer) -> None:
    """By words of symbol and exchange; by a column, also by figures that were not in sight."""
    with viewer.see("overview") as page:
        page.locator("#filter").fill("s01 kucoin")
        expect(page.get_by_text(f"10 of {MARKETS} markets")).to_be_visible()
        assert names(page) == [f"kucoin/S01{digit}" for digit in range(10)]
        page.locator("#filter").fill("")
        page.get_by_role("button", name="Volume 24 h").click()
        volumes = {
            f"{each}/{symbol}": volume(each, symbol) for each in EXCHANGES for symbol in SYMBOLS
        }
        expected = sorted(volumes, key=lambda name: -volumes[name])
        eventually(lambda: names(page)[:20], lambda shown: shown == expected[:20])
        assert figures(page)[f"{expected[0]} volume"].exact == str(volumes[expected[0]])


def test_keys_walk_through_all_rows(viewer: Viewer) -> None:
    """Down beyond what was in sight; who scrolls away from the figure he was at keeps his place."""
    with viewer.see("overview") as page:
        page.locator(f"{ROWS} [data-name=last] .figure").first.focus()
        for place in range(MOST_ROWS):
            page.locator(f"{ROWS}[aria-rowindex='{place + 3}']").wait_for(state="attached")
            page.keyboard.press("ArrowDown")
        focused = page.locator(f"{ROWS}:has(:focus)")
        expect(focused).to_have_attribute("aria-rowindex", str(MOST_ROWS + 2))
        page.get_by_role("region", name="Markets").evaluate("(box) => { box.scrollTop = 0 }")
        expect(page.get_by_role("region", name="Markets")).to_be_focused()


@pytest.mark.parametrize("view", ["depth", "funding", "history", "coverage"])
def test_a_symbol_is_found_by_typing(viewer: Viewer, view: str) -> None:
    """What is typed narrows the list; arrows and Enter, or a click, choose."""
    with viewer.see(view) as page:
        choice = page.get_by_role("combobox", name="Symbol")
        options = page.get_by_role("listbox", name="Symbols").get_by_role("option")
        choice.click()
        expect(options).to_have_count(100)
        choice.fill("s09")
        expect(options).to_have_text([f"S09{digit}" for digit in range(10)])
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(choice).to_have_value("S091")
        expect(page).to_have_url(re.compile("symbol=S091"))
        choice.fill("s11")
        options.get_by_text("S113").click()
        expect(choice).to_have_value("S113")
        choice.fill("nonsense")
        expect(options).to_have_text("no such symbol")
        page.keyboard.press("Escape")
        expect(choice).to_have_value("S113")
