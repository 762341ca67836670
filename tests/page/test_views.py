"""Each view shows what REST answers."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from playwright.sync_api import Page, expect
from tests.page.conftest import Viewer
from tests.page.seen import both_sides, figures, milliseconds
from tests.page.service import SYMBOLS, VENUES, Service, eventually

MARKETS = len(VENUES) * len(SYMBOLS)
BANDS = ("1", "2_5", "5", "10", "20", "50", "100")
Row = dict[str, object]
INK = """(canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
}"""
"""How many colours are on it."""


def of_ticker(row: Row) -> dict[str, str]:
    bid, ask = Decimal(str(row["best_bid_price"])), Decimal(str(row["best_ask_price"]))
    spread = (20_000 * (ask - bid) / (ask + bid)).quantize(Decimal("1e-6"), ROUND_HALF_UP)
    told = {"last": row["last_price"], "change": row["price_change_pct"]}
    told["volume"] = row["turnover_24h"]
    return {**{name: str(value or "") for name, value in told.items()}, "spread": f"{spread:f}"}


def of_bands(row: Row) -> dict[str, str]:
    return {f"depth{band}": both_sides(row, band) for band in BANDS}


def agree(
    service: Service, page: Page, path: str, expected: Callable[[Row], dict[str, str]]
) -> int:
    """Waits until every figure was once of the source time that REST tells, and equal to the last
    digit. How many figures there are.
    """
    compared: set[str] = set()

    def compare() -> set[str]:
        shown = figures(page)
        for row in service.rows(path):
            market = f"{row['exchange']}/{row['symbol']}"
            for name, value in expected(row).items():
                seen = shown.get(f"{market} {name}")
                if seen is not None and (seen.time, seen.exact) == (milliseconds(row), value):
                    compared.add(f"{market} {name}")
        return {name for name in shown if name.split()[1] in expected(row)} - compared

    eventually(compare, lambda left: bool(compared) and not left)
    return len(compared)


def test_the_overview_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """Price, change, volume, spread and depth of every market, to the last digit."""
    with viewer.see("overview") as page:
        expect(page.locator("tr[data-market]")).to_have_count(MARKETS)
        assert agree(service, page, "tickers", of_ticker) == 4 * MARKETS
        assert agree(service, page, "liquidity", of_bands) == 2 * MARKETS
        shown = figures(page)
        funding = [shown[f"{name}/BTC funding"] for name in VENUES]
        assert all(each.text.endswith("%") for each in funding)
        page.locator("#filter").fill("btc bin")
        expect(page.locator("tr[data-market]")).to_have_count(1)
        assert "filter=btc+bin" in page.url


def test_floors_are_marked_and_say_why(viewer: Viewer, service: Service) -> None:
    """A depth that is a floor bears a sign, and its tooltip how far the book is known."""
    with viewer.see("depth?symbol=BTC") as page:
        row = eventually(
            lambda: next(each for each in service.rows("liquidity?exchange=paradex&symbol=BTC")),
            lambda row: "bid_100bps" in str(row["floors"]),
        )
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
        assert agree(service, page, wanted, of_bands) == len(BANDS) * len(VENUES)

        def slippage(row: Row) -> dict[str, str]:
            return {f"slippage{row['trade_amount']}": str(row["slippage_bps"] or "")}

        sizes = len(service.rows("slippage?symbol=BTC&exchange=binance&side=buy"))
        compared = agree(service, page, "slippage?symbol=BTC&side=buy", slippage)
        assert compared >= sizes
        assert page.locator(".plot canvas").count() == 2
        assert page.locator(".plot canvas").first.evaluate(INK) > 10
        page.get_by_role("button", name="sell").click()
        assert "side=sell" in page.url


def test_funding_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """The rate of every market per 8 hours, by the exchange's own interval; pairs net of cost."""

    def funding(row: Row) -> dict[str, str]:
        rate = Decimal(str(row["funding_8h"]))
        return {"funding": f"{rate.quantize(Decimal('1e-12'), ROUND_HALF_UP):f}"}

    with viewer.see("funding?symbol=BTC") as page:
        assert agree(service, page, "funding/matrix", funding) == MARKETS
        best = service.rows("funding/arbitrage?size=10000&hold=24h")[0]
        row = page.get_by_label("Best pairs").locator("tbody tr").first
        expect(row).to_contain_text(str(best["long_exchange"]))
        expect(row).to_contain_text(str(best["short_exchange"]))
        page.get_by_role("button", name="year").click()
        assert "per=apr" in page.url


def test_history_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """So many candles as are held of the hour, and means of depth and spread."""
    candles = eventually(
        lambda: service.rows("klines?exchange=binance&symbol=BTC&interval=1m&start=-1h"),
        lambda rows: len(rows) > 50,
    )
    with viewer.see("history?symbol=BTC&exchange=binance&span=1h") as page:
        heading = page.locator("h2", has_text="Candles")
        expect(heading).to_contain_text("closed ones of binance")
        shown = eventually(
            lambda: int(heading.inner_text().split("min, ")[1].split()[0]),
            lambda count: count >= len(candles) - 1,
        )
        assert shown <= len(candles) + 2
        expect(page.locator("h2", has_text="Depth within 10 bps")).to_contain_text("means of 1 s")


def test_coverage_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """Of each stream today's share in gaps, and the seconds of each kind in the tooltip."""
    with viewer.see("coverage?symbol=BTC&days=7") as page:
        row = service.rows("coverage/streams?symbol=BTC&exchange=binance&stream=orderbook&by=day")[
            -1
        ]
        day = str(row["start"])[:10]
        cell = page.locator(f"td[data-day='binance orderbook, {day}'] .figure")
        assert Decimal(eventually(lambda: cell.get_attribute("data-exact") or "", bool)) < 1
        cell.hover()
        expect(page.get_by_role("tooltip")).to_contain_text("verified")
        expect(page.locator("tbody").first.locator("tr")).not_to_have_count(0)


def test_status_shows_what_rest_answers(viewer: Viewer, service: Service) -> None:
    """The service's own words, each exchange, and the rows that are held."""
    with viewer.see("status") as page:
        for exchange in VENUES:
            expect(page.locator("main")).to_contain_text(exchange)
        expect(page.get_by_label("Service")).to_contain_text("ready")
        held = {row["data_set"] for row in service.rows("stats")}
        table = page.get_by_label("Data held")
        for data_set in held:
            expect(table).to_contain_text(str(data_set))
