"""The page by keyboard, by finger, in the dark, in the light, on a phone, for everybody."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.page.conftest import Look, Viewer, keep

AXE = Path("web/node_modules/axe-core/axe.min.js")
VIEWS = ("overview", "depth", "funding", "history", "coverage", "status")
FAULTS = """(rules) => axe.run(rules.length ? { runOnly: rules } : {})
    .then(({ violations }) => violations)"""
AGED = """() => {
    for (const [at, one] of document.querySelectorAll('.figure').entries()) {
        one.className = `figure ${['fresh', 'stale', 'doubtful'][at % 3]}`
        const cell = one.closest('.heat')
        if (cell) cell.className = `heat ${['warm', 'cold'][at % 2]}`
        cell?.style.setProperty('--share', 1)
    }
}"""
"""Every age, in turn, and as much heat and cold as there is."""
PHONE = 360


@pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with npm: make page")
@pytest.mark.parametrize("look", ["dark", "light"])
def test_axe_finds_no_fault(viewer: Viewer, look: Look) -> None:
    """All rules of axe-core on every view, with numbers on it, however old or high they are;
    simulated data is marked on each.
    """
    with viewer.see("overview", look=look) as page:
        page.evaluate(AXE.read_text())
        for view in turned(page):
            expect(page.locator(".head .simulated")).to_have_text("Simulated data")
            assert faults(page) == [], view
            keep(page, f"{view}-{look}")
            page.evaluate(AGED)
            assert faults(page, "color-contrast") == [], view


def faults(page: Page, *rules: str) -> list[tuple[str, str, str]]:
    """Of these rules, else of all: where, and what to do."""
    found = page.evaluate(FAULTS, rules)
    nodes = [(each["id"], each["nodes"][0]) for each in found]
    return [(name, one["html"], one["failureSummary"]) for name, one in nodes]


def test_a_phone_is_wide_enough(viewer: Viewer) -> None:
    """At 360 pixels nothing but tables scrolls sideways, and every view can be reached."""
    with viewer.see("overview", width=PHONE) as page:
        for view in turned(page):
            assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE, view
            keep(page, f"{view}-phone")
        page.get_by_role("navigation").get_by_role("button", name="Depth").click()
        expect(page.locator("main")).to_have_attribute("data-view", "depth")


def turned(page: Page) -> Iterator[str]:
    """Each view in turn, by its number, once there is something on it."""
    for number, view in enumerate(VIEWS, 1):
        page.keyboard.press(str(number))
        expect(page.locator("main")).to_have_attribute("data-view", view)
        page.locator("main .figure, main dd").first.wait_for()
        yield view


def test_all_of_it_goes_by_keyboard(viewer: Viewer) -> None:
    """Figures by arrow, the filter, the help; views by number, as the tests above go."""
    with viewer.see("overview") as page:
        page.locator("tr[data-market]").first.wait_for()
        page.locator("tbody .figure").first.focus()
        expect(page.get_by_role("tooltip")).to_contain_text("last price")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tooltip")).to_contain_text("change")
        page.keyboard.press("ArrowDown")
        expect(
            page.locator("tr[data-market]").nth(1).locator("td[data-name=change] .figure")
        ).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("tooltip")).to_have_count(0)
        page.keyboard.press("/")
        expect(page.locator("#filter")).to_be_focused()
        page.locator("#filter").blur()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Keys and marks")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_look_is_the_systems_until_it_is_chosen(viewer: Viewer) -> None:
    """Light and dark; the choice outlives the page's reload."""
    with viewer.see("overview", look="light") as page:
        root = page.locator("html")
        expect(root).to_have_attribute("data-theme", "light")
        page.keyboard.press("t")
        expect(root).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(root).to_have_attribute("data-theme", "dark")


def test_times_are_utc_or_those_of_the_reader(viewer: Viewer) -> None:
    """Which they are is said; tooltips tell both; the choice outlives the page's reload."""
    with viewer.see("overview", zone="Asia/Kolkata") as page:
        clock = page.locator(".clock")
        expect(clock).to_contain_text("UTC")
        expect(clock).not_to_contain_text("+")
        clock.click()
        expect(clock).to_contain_text("UTC+05:30")
        page.reload()
        expect(clock).to_contain_text("UTC+05:30")
        figure = page.locator("td[data-name=last] .figure").first
        figure.hover()
        tooltip = page.get_by_role("tooltip")
        expect(tooltip).to_contain_text("UTC+05:30")
        told = tooltip.locator("dl div").all_inner_texts()  # at one moment: it goes on
        sources, heres = (
            next(each.removeprefix(name).strip() for each in told if each.startswith(name))
            for name in ("source time", "here")
        )
        source, here = (datetime.fromisoformat(each[:19]) for each in (sources, heres))
        assert (sources[23:], heres[23:]) == (" UTC", " UTC+05:30")
        assert here - source == timedelta(hours=5, minutes=30)
        page.keyboard.press("u")
        expect(clock).not_to_contain_text("+")


def test_a_tap_shows_what_a_figure_is(viewer: Viewer) -> None:
    """On a phone there is nothing to point with."""
    with viewer.see("overview", width=PHONE) as page:
        page.locator("td[data-name=last] .figure").first.tap()
        expect(page.get_by_role("tooltip")).to_contain_text("as the exchange sent it")


def test_the_address_is_the_state(viewer: Viewer) -> None:
    """What is chosen is in it, and who opens it sees the same."""
    with viewer.see("depth?symbol=ETH&range=5&exchanges=binance,kucoin&side=sell") as page:
        expect(page.get_by_role("combobox", name="Symbol")).to_have_value("ETH")
        expect(page.get_by_role("button", name="5 bps", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(page.get_by_role("button", name="paradex")).to_have_attribute(
            "aria-pressed", "false"
        )
        page.get_by_role("button", name="paradex").click()
        expect(page).not_to_have_url(re.compile("exchanges"))
