"""Each view shows what REST answers."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from playwright.sync_api import Page, expect
from tests.page.conftest import Viewer
from tests.page.seen import Figure, Named, both_sides, milliseconds, recorded
from tests.page.service import SYMBOLS, VENUES, Row, Service, eventually

from perps_stats.aggregator import STANDARD_AMOUNTS

MARKETS = len(VENUES) * len(SYMBOLS)
BANDS = ("1", "2_5", "5", "10", "20", "50", "100")
INK = """(canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
}"""
"""How many colours are on it."""


def of_ticker(row: Row) -> dict[str, str]:
    told = {"last": row["last_price"], "change": row["price_change_pct"]}
    told["volume"] = row["turnover_24h"]
    shown = {name: str(value or "") for name, value in told.items()}
    return {**shown, "spread": spread(row["best_bid_price"], row["best_ask_price"])}


def spread(below: object, above: object) -> str:
    """In bps of mid; empty where it is unknown."""
    if below is None or above is None or Decimal(str(below)) > Decimal(str(above)):
        return ""
    bid, ask = Decimal(str(below)), Decimal(str(above))
    return f"{(20_000 * (ask - bid) / (ask + bid)).quantize(Decimal('1e-6'), ROUND_HALF_UP):f}"


def of_bands(row: Row) -> dict[str, str]:
    return {f"depth{band}": both_sides(row, band) for band in BANDS}


def agree(
    service: Service, page: Page, path: str, expected: Callable[[Row], dict[str, str]], count: int
) -> None:
    """Waits until so many figures, all that there are, were once of the source time that REST
    tells, and equal to the last digit: whatever either of them told before the other.
    """
    told: set[Named] = set()
    seen = recorded(page)

    def compared() -> set[str]:
        for row in service.rows(path):
            market, time = f"{row['exchange']}/{row['symbol']}", milliseconds(row)
            if time is not None:
                figured = expected(row).items()
                told.update((f"{market} {name}", Figure(value, time)) for name, value in figured)
        return {name for name, _ in seen() & told}

    eventually(compared, lambda names: len(names) == count)


def test_the_overview_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """Price, change, volume, spread and depth of every market, to the last digit."""
    with viewer.see("overview") as page:
        expect(page.locator("tr[data-market]")).to_have_count(MARKETS)
        agree(service, page, "tickers", of_ticker, 4 * MARKETS)
        agree(service, page, "liquidity", of_bands, 2 * MARKETS)
        funding = page.locator("[data-market$='/BTC'] [data-name=funding] .figure")
        expect(funding).to_have_text([re.compile("%$")] * len(VENUES))
        page.locator("#filter").fill("btc bin")
        expect(page.locator("tr[data-market]")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"filter=btc\+bin"))


def test_floors_are_marked_and_say_why(viewer: Viewer, service: Service) -> None:
    """A depth that is a floor bears a sign, and its tooltip how far the book is known."""
    with viewer.see("depth?symbol=BTC") as page:
        asked = "liquidity?exchange=paradex&symbol=BTC"
        (row,) = eventually(lambda: service.rows(asked), lambda rows: "bid_100bps" in str(rows[:1]))
        assert row["complete"] is False
        cell = page.locator("tr[data-market='paradex/BTC'] td[data-name=depth100] .figure").first
        expect(cell).to_contain_text("≥ ")
        cell.hover()
        tooltip = page.get_by_role("tooltip")
        for told in ("at least: the book is known to", "source time", "UTC", "simulated", "age"):
            expect(tooltip).to_contain_text(told)


def test_depth_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """All bands, and slippage of every size that can be filled; the charts are drawn."""
    with viewer.see("depth?symbol=BTC") as page:
        wanted = "liquidity?symbol=BTC"
        agree(service, page, wanted, of_bands, len(BANDS) * len(VENUES))

        def slippage(row: Row) -> dict[str, str]:
            return {f"slippage{row['trade_amount']}": str(row["slippage_bps"] or "")}

        sizes = len(STANDARD_AMOUNTS)
        agree(service, page, "slippage?symbol=BTC&side=buy", slippage, sizes * len(VENUES))
        expect(page.locator(".plot canvas")).to_have_count(2)
        ink = page.locator(".plot canvas").first
        eventually(lambda: ink.evaluate(INK), lambda colours: colours > 10)
        page.get_by_role("button", name="sell").click()
        expect(page).to_have_url(re.compile("side=sell"))


def test_funding_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """The rate of every market per 8 hours, by the exchange's own interval; pairs net of cost."""

    def funding(row: Row) -> dict[str, str]:
        if row["funding_8h"] is None:
            return {"funding": ""}
        rate = Decimal(str(row["funding_8h"]))
        return {"funding": f"{rate.quantize(Decimal('1e-12'), ROUND_HALF_UP):f}"}

    def best() -> tuple[str, str]:
        """As REST has it, and what stands first."""
        (pair,) = service.rows("funding/arbitrage?size=10000&hold=24h&limit=1")
        return f"{pair['base']} {pair['long_exchange']} {pair['short_exchange']}", first()

    def first() -> str:
        row = page.get_by_label("Best pairs").locator("tbody tr").first
        return " ".join(row.locator("th, td.name").all_inner_texts())

    with viewer.see("funding?symbol=BTC") as page:
        agree(service, page, "funding/matrix", funding, MARKETS)
        eventually(best, lambda pair: pair[0] == pair[1])
        page.get_by_role("button", name="year").click()
        expect(page).to_have_url(re.compile("per=apr"))


def test_history_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """So many candles as are held of the hour, and means of depth and spread."""
    asked = "klines?exchange=binance&symbol=BTC&interval=1m&start=-1h"
    with viewer.see("history?symbol=BTC&exchange=binance&span=1h") as page:
        heading = page.locator("h2", has_text="Candles")
        expect(heading).to_contain_text("closed ones of binance")
        # One may have closed, or grown too old, in between.
        eventually(
            lambda: (
                int(heading.inner_text().split("min, ")[1].split()[0]),
                len(service.rows(asked)),
            ),
            lambda counts: counts[1] > 50 and abs(counts[0] - counts[1]) <= 1,
        )
        expect(page.locator("h2", has_text="Depth within 10 bps")).to_contain_text("means of 1 s")


def test_coverage_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """Of each stream today's share in gaps, and the seconds of each kind in the tooltip."""
    with viewer.see("coverage?symbol=BTC&days=7") as page:
        asked = "coverage/streams?symbol=BTC&exchange=binance&stream=orderbook&by=day"
        row = eventually(lambda: service.rows(asked), bool)[-1]
        day = str(row["start"])[:10]
        cell = page.locator(f"td[data-day='binance orderbook, {day}'] .figure")
        eventually(
            lambda: Decimal(cell.get_attribute("data-exact") or 1), lambda share: 0 <= share < 1
        )
        cell.hover()
        expect(page.get_by_role("tooltip")).to_contain_text("verified")
        expect(page.locator("tbody").first.locator("tr")).not_to_have_count(0)


def test_status_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """The service's own words, each exchange, and the rows that are held."""
    with viewer.see("status") as page:
        for exchange in VENUES:
            expect(page.locator("main")).to_contain_text(exchange)
        expect(page.get_by_label("Service").locator("dt:text-is('ready') + dd")).to_have_text(
            "ready"
        )
        held = {row["data_set"] for row in service.rows("stats")}
        table = page.get_by_label("Data held")
        for data_set in held:
            expect(table).to_contain_text(str(data_set))
