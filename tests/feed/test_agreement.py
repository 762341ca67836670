"""The book's top and the best prices that the exchange tells: when they differ for good."""

from decimal import Decimal

import pytest

from perps_stats.core.types import Orderbook, OrderbookLevel
from perps_stats.exchanges.events import BestTick
from perps_stats.feed.agreement import ENOUGH, LASTING_US, NEAR_US, TopCheck
from perps_stats.feed.book import WrongBook

SECOND = 1_000_000


def best(ts: int, bid: str | None = "100.0", ask: str | None = "101", number: int = 0) -> BestTick:
    return BestTick("BTCUSDT", ts, number, bid, "1", ask, "1")


def top(bid: str | None = "100.00", ask: str | None = "101.00") -> Orderbook:
    bids, asks = (
        [] if price is None else [OrderbookLevel(Decimal(price), Decimal(1))]
        for price in (bid, ask)
    )
    return Orderbook(
        exchange="binance", symbol="BTC", bids=bids, asks=asks, timestamp=None, sequence=7
    )


def test_equal_prices_agree() -> None:
    """However they are padded; also where a side is empty on both."""
    check = TopCheck()
    check.hear(best(5))
    assert check.agrees(top(), 5, 7)
    check.hear(best(6, None))
    assert check.agrees(top(None), 6, 7)


def test_any_top_near_in_time_will_do() -> None:
    """The two feeds come at their own pace: half a second before or after, or the one that held."""
    check = TopCheck()
    for ts, bid in ((SECOND, "99"), (3 * SECOND, "100"), (4 * SECOND, "98"), (5 * SECOND, "97")):
        check.hear(best(ts, bid))
    assert check.agrees(top(), 4 * SECOND, 7)
    assert check.agrees(top("98.00"), 5 * SECOND - NEAR_US, 7)
    assert not check.agrees(top("99.00"), 4 * SECOND, 7)


def test_where_nothing_was_told_nothing_speaks_against_the_book() -> None:
    """An old price proves nothing: the exchange may have fallen silent."""
    check = TopCheck()
    assert check.agrees(top(), 5, 7)
    check.hear(best(SECOND, "90"))
    assert check.agrees(top(), SECOND + NEAR_US + 1, 7)


def test_of_what_is_long_past_the_last_is_kept() -> None:
    """It may hold still; what was before it is over."""
    check = TopCheck()
    for second, bid in ((1, "98"), (2, "100"), (9, "97")):
        check.hear(best(second * SECOND, bid))
    assert check.agrees(top(), 9 * SECOND, 7)
    check.hear(best(9 * SECOND + NEAR_US, "97"))
    assert not check.agrees(top("98.00"), 9 * SECOND + NEAR_US, 7)


def differing(check: TopCheck, start: int, seconds: int) -> None:
    """Once a second both go on, and never agree."""
    for second in range(seconds):
        check.hear(best(start + second * SECOND, "99.00"))
        assert not check.agrees(top(), start + second * SECOND, 7)


def test_a_lasting_difference_is_a_wrong_book() -> None:
    """The reason names both."""
    check = TopCheck()
    lasting = LASTING_US // SECOND
    differing(check, 0, lasting)
    check.hear(best(LASTING_US, "99.00"))
    with pytest.raises(WrongBook, match=r"tells 99\.00 and 101 .* has 100\.00 and 101\.00 at up"):
        check.agrees(top(), LASTING_US, 7)


def test_one_agreement_begins_anew() -> None:
    """A book that was right in between was not wrong all the time."""
    check = TopCheck()
    differing(check, 0, LASTING_US // SECOND)
    check.hear(best(LASTING_US))
    assert check.agrees(top(), LASTING_US, 7)
    check.hear(best(LASTING_US + SECOND, "99.00"))
    differing(check, LASTING_US + 2 * SECOND, LASTING_US // SECOND)


def test_one_top_that_is_never_renewed_is_not_enough() -> None:
    """Of a feed that lost its last frame: both must be lively."""
    check = TopCheck()
    for step in range(ENOUGH - 1):
        check.hear(best(step * SECOND, "99.00"))
        assert not check.agrees(top(), step * SECOND, 7)
    for second in range(ENOUGH, 60):
        assert check.agrees(top(), second * SECOND, 7)


def test_two_differences_at_the_book_s_own_update_are_enough() -> None:
    """Under one number there is nothing to be early or late for."""
    check = TopCheck()
    check.hear(best(SECOND, "99.00", number=7))
    assert not check.agrees(top(), SECOND, 7)
    check.hear(best(2 * SECOND, "99.00", number=8))
    with pytest.raises(WrongBook):
        check.agrees(top(), 2 * SECOND, 8)


def test_what_was_told_before_a_reconnect_is_forgotten() -> None:
    """It is no longer the present."""
    check = TopCheck()
    check.hear(best(SECOND, "99.00"))
    check.forget()
    assert check.agrees(top(), SECOND, 7)
