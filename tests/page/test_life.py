"""The page lives: it follows its source, says when it cannot, and comes back by itself."""

import json
import re
from collections.abc import Sequence
from functools import partial
from operator import eq

from playwright.sync_api import Page, WebSocket, expect
from tests.page.conftest import Viewer
from tests.page.seen import figures
from tests.page.service import Service, Venues, eventually
from tests.page.wire import Wire

ONCE_A_MINUTE = re.compile("^(live|gap: funding, disconnect)$")
"""Of all that this exchange tells only funding is not told within seconds."""
LAGS = """(selector) => new Promise((done) => {
    const lags = []
    const one = document.querySelector(selector)
    new MutationObserver(() => {
        lags.push(Date.now() - Number(one.dataset.time))
        if (lags.length === 3) done(lags)
    }).observe(one, { attributes: true, attributeFilter: ['data-time'] })
})"""


def state(page: Page) -> str | None:
    return page.locator(".pulse").get_attribute("data-state")


def time_of(page: Page, name: str) -> int:
    """Of its source; 0 as long as there is none."""
    shown = figures(page).get(name)
    return (shown and shown.time) or 0


def test_figures_follow_their_source(viewer: Viewer) -> None:
    """By the stream, where no question is answered: what is shown was at its source within the last
    second.
    """
    with viewer.see("depth?symbol=BTC", may_fail=True) as page:
        eventually(lambda: state(page), lambda now: now == "live")
        place = "tr[data-market='binance/BTC'] td[data-name=depth10] .figure"
        page.locator(f"{place}.fresh").first.wait_for()
        page.route("**/api/**", lambda route: route.abort())
        eventually(lambda: min(page.evaluate(LAGS, place)), lambda lag: lag < 1000)


def test_what_is_not_shown_is_not_followed(viewer: Viewer) -> None:
    """Of the rows that a filter leaves the stream tells; of those that come back it does again."""
    with viewer.see("funding?filter=btc") as page:
        said: list[str | bytes] = []

        def listen(socket: WebSocket) -> None:
            said.clear()  # who connects again says all again
            socket.on("framesent", lambda text: said.extend([text]))

        page.on("websocket", listen)
        page.reload()
        for typed, symbols in (("btc", {"BTC"}), ("", {"BTC", "ETH"}), ("eth", {"ETH"})):
            page.locator("#filter").fill(typed)
            eventually(lambda: followed(page, said), partial(eq, symbols))


def followed(page: Page, said: Sequence[str | bytes]) -> set[str]:
    """Symbols of channels that were subscribed to, and not left since, in order."""
    state(page)  # the browser's driver tells what was said while it is asked something
    found: set[str] = set()
    for request in map(json.loads, list(said)):
        if request["op"] == "ping":
            continue
        named = {each["symbol"] for each in request["channels"] if each["data_set"] != "gaps"}
        found = found | named if request["op"] == "subscribe" else found - named
    return found


def test_a_restart_of_the_service_is_survived(viewer: Viewer, service: Service) -> None:
    """The loss is told; then the page is live again without being loaded again."""
    with viewer.see("overview", may_fail=True) as page:
        eventually(lambda: state(page), lambda now: now == "live")
        page.evaluate("() => { window.same = true }")
        name = "binance/BTC last"
        before = eventually(lambda: time_of(page, name), bool)
        service.stop()
        expect(page.get_by_role("alert")).to_contain_text("No connection")
        service.start()
        eventually(lambda: state(page), lambda now: now == "live")
        eventually(lambda: time_of(page, name), lambda time: time > before)
        expect(page.get_by_role("alert")).to_have_count(0)
        assert page.evaluate("() => window.same") is True


def test_a_cut_feed_is_a_gap(viewer: Viewer, venues: Venues, service: Service) -> None:
    """On the overview while it lasts, in the coverage with its cause, shaded in the history."""
    with viewer.see("overview") as page:
        page.locator("tr[data-market='kucoin/BTC'] .figure.fresh").first.wait_for()
        feed = page.locator("tr[data-market='kucoin/BTC'] [data-name=feed]")
        expect(feed).to_have_text(ONCE_A_MINUTE)
        before = cuts(service)
        with venues.cut("kucoin"):
            expect(feed).to_contain_text(re.compile(r"gap: \d streams"))
        expect(feed).to_have_text(ONCE_A_MINUTE)
        began = min(eventually(lambda: cuts(service) - before, bool))
        page.keyboard.press("5")
        row = (
            page.get_by_label("Gaps").locator("tr", has_text="kucoin").filter(has_text="orderbook")
        )
        expect(row.filter(has_text=began)).to_contain_text("disconnect")
        page.goto(f"{page.url.partition('#')[0]}#/history?symbol=BTC&exchange=kucoin&span=15m")
        expect(page.locator("main")).to_contain_text("gaps of the order book")


def cuts(service: Service) -> set[str]:
    """When the book's gaps began that are over, as the page writes it."""
    asked = "gaps?exchange=kucoin&symbol=BTC&stream=orderbook&cause=disconnect&open=false"
    return {str(row["start_time"])[:19].replace("T", " ") for row in service.rows(asked)}


def test_what_is_old_is_dimmed_and_says_so(viewer: Viewer) -> None:
    """Without a connection figures grow old: they stay, are called stale, and tell their age."""
    with viewer.see("depth?symbol=BTC", may_fail=True) as page:
        wire = Wire(page)
        page.locator("td[data-name=depth10] .figure.fresh").first.wait_for()
        page.clock.install()
        page.route("**/api/**", lambda route: route.abort())
        wire.cut()
        page.clock.fast_forward(60_000)
        page.locator("td[data-name] .figure.stale").first.hover()
        expect(page.get_by_role("tooltip")).to_contain_text("stale, fresh is up to")
