"""States that come out of order."""

import pytest

from perps_stats.core.stored import Row
from perps_stats.core.types import Gap, Market
from perps_stats.exchanges.events import BestTick, MarkTick
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.rows import is_late

SECOND = 1_000_000
MARKET = Market(native="BTCUSDT", contract="BTC-USDT-PERP", base="BTC", quote="USDT", settle="USDT")


@pytest.mark.parametrize(
    ("before", "ts", "late"),
    [
        (None, 5, False),
        (5 * SECOND, 5 * SECOND, False),
        (5 * SECOND, 5 * SECOND - 1, True),
        (70 * SECOND, 10 * SECOND + 1, True),
        (70 * SECOND, 10 * SECOND, False),
    ],
)
def test_what_was_overtaken_is_late(before: int | None, ts: int, *, late: bool) -> None:
    """A minute and more is no way that took long: the exchange has set its clock back."""
    known = None if before is None else MarkTick("BTCUSDT", before, "1")
    assert is_late(known, MarkTick("BTCUSDT", ts, "1")) == late


class Kept:
    """A sink."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def keep(self, _data_set: str, row: Row) -> None:
        self.rows.append(row)

    def keep_gap(self, gap: Gap) -> None: ...


def test_best_prices_that_were_overtaken_make_no_row() -> None:
    """A row of their time is there already, and says otherwise."""
    kept = Kept()
    feed = MarketFeed(MARKET, 7, Grids(tickers=1.0), kept)
    for ts, bid in ((900_000, "1"), (1_100_000, "2"), (900_000, "3"), (2_100_000, "4")):
        feed.receive(BestTick("BTCUSDT", ts, 1, bid, "1", "9", "1"), ts)
    assert [row[4] for row in kept.rows] == ["1", "2"]
    assert feed.counts["late"] == 1
