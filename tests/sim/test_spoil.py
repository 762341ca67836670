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


def test_prices_may_be_numbers() -> None:
    """In levels, candles and fields, in an envelope or not; ids and sizes stay."""
    for body, spoiled_body in (
        (b'{"data":{"bids":[[1.5,20]],"ts":7}}', {"data": {"bids": [[-1.5, 20]], "ts": 7}}),
        (b'{"data":[[60000,1,2,0.5,1.5,9]]}', {"data": [[60000, -1, -2, -0.5, -1.5, 9]]}),
        (
            b'[{"t":1,"o":1.5,"h":2,"l":1,"c":1,"v":3}]',
            [{"t": 1, "o": -1.5, "h": -2, "l": -1, "c": -1, "v": 3}],
        ),
        (
            b'{"last_trade_price":2.5,"size":3,"bid":"1","f":5,"l":6}',
            {"last_trade_price": -2.5, "size": 3, "bid": "-1", "f": 5, "l": 6},
        ),
    ):
        assert json.loads(spoiled(Kind.NEGATIVE_PRICE, body)) == spoiled_body


def test_wrong_types_spare_the_envelope() -> None:
    """Whether it is an answer at all stays to be read."""
    body = b'{"code":"200000","data":[{"size":1},{"size":2}]}'
    assert json.loads(spoiled(Kind.WRONG_TYPE, body)) == {
        "code": "200000",
        "data": [{"size": True}, {"size": 2}],
    }


def test_crossed_reaches_into_an_envelope() -> None:
    """Sides and best prices are exchanged wherever they stand."""
    body = b'{"data":{"bids":[1],"asks":[2],"bestBidPrice":1,"bestAskPrice":2}}'
    assert json.loads(spoiled(Kind.CROSSED, body)) == {
        "data": {"asks": [1], "bids": [2], "bestAskPrice": 1, "bestBidPrice": 2}
    }


def test_crossed_exchanges_the_sides() -> None:
    """Bids are asks and asks are bids."""
    assert json.loads(spoiled(Kind.CROSSED, DEPTH))["bids"] == [["1.1", "3"]]
    assert json.loads(spoiled(Kind.CROSSED, b'[{"bidPrice":"1","askPrice":"2"}]')) == [
        {"askPrice": "1", "bidPrice": "2"}
    ]
