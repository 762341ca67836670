"""What each trouble makes of a body."""

import json

from perps_stats.sim.faults import Kind
from perps_stats.sim.spoil import spoiled

DEPTH = b'{"lastUpdateId":7,"bids":[["1.0","2"],["0.9","1"]],"asks":[["1.1","3"]]}'
TICKERS = b'[{"symbol":"A","lastPrice":"1.5","count":3},{"symbol":"B","lastPrice":"2"}]'
CANDLES = b'[[60000,"1","2","0.5","1.5","9",119999,"10",4,"5","6","0"]]'


def test_html_is_no_json() -> None:
    """A web page comes instead."""
    assert spoiled(Kind.HTML, DEPTH).startswith(b"<!DOCTYPE html>")


def test_truncated_is_the_first_half() -> None:
    """What is left is a prefix."""
    assert spoiled(Kind.TRUNCATED, DEPTH) == DEPTH[: len(DEPTH) // 2]


def test_wrong_types_spare_all_rows_but_the_first() -> None:
    """Numbers become true in one row of a list, and in the first level of each side."""
    first, second = json.loads(spoiled(Kind.WRONG_TYPE, TICKERS))
    assert first == {"symbol": "A", "lastPrice": True, "count": True}
    assert second == {"symbol": "B", "lastPrice": "2"}
    depth = json.loads(spoiled(Kind.WRONG_TYPE, DEPTH))
    assert depth["lastUpdateId"] is True
    assert depth["bids"] == [[True, True], ["0.9", "1"]]


def test_negative_prices_leave_quantities_alone() -> None:
    """Prices of tickers, levels and candles get a minus."""
    assert json.loads(spoiled(Kind.NEGATIVE_PRICE, TICKERS))[0]["lastPrice"] == "-1.5"
    assert json.loads(spoiled(Kind.NEGATIVE_PRICE, DEPTH))["asks"] == [["-1.1", "3"]]
    candle = json.loads(spoiled(Kind.NEGATIVE_PRICE, CANDLES))[0]
    assert candle[:6] == [60000, "-1", "-2", "-0.5", "-1.5", "9"]


def test_crossed_exchanges_the_sides() -> None:
    """Bids are asks and asks are bids."""
    assert json.loads(spoiled(Kind.CROSSED, DEPTH))["bids"] == [["1.1", "3"]]
    assert json.loads(spoiled(Kind.CROSSED, b'[{"bidPrice":"1","askPrice":"2"}]')) == [
        {"askPrice": "1", "bidPrice": "2"}
    ]
