"""What each trouble makes of a page of rows, in the envelopes of all exchanges."""

import json

import pytest

from perps_stats.sim.faults import Kind
from perps_stats.sim.pages import worsened

ROWS = "[1,0.10],[2,0.20],[3,0.30],[4,0.40],[5,0.50],[6,0.60]"
BARE = f"[{ROWS}]".encode()
KUCOIN = f'{{"code":"200000","data":[{ROWS}]}}'.encode()
LIGHTER = f'{{"code":200,"r":"1m","c":[{ROWS}]}}'.encode()
PARADEX = f'{{"next":"MTA=","prev":null,"results":[{ROWS}]}}'.encode()


def test_an_empty_page_keeps_its_envelope() -> None:
    """Lighter's lists of none are null; behind an empty page of Paradex's there is no other."""
    assert [worsened(Kind.EMPTY, body) for body in (BARE, KUCOIN, LIGHTER, PARADEX)] == [
        b"[]",
        b'{"code":"200000","data":[]}',
        b'{"code":200,"r":"1m","c":null}',
        b'{"next":null,"prev":null,"results":[]}',
    ]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Kind.SHUFFLED, "[2,0.20],[4,0.40],[6,0.60],[1,0.10],[3,0.30],[5,0.50]"),
        (Kind.DOUBLED, "[1,0.10],[2,0.20],[3,0.30],[4,0.40],[4,0.40],[5,0.50],[6,0.60]"),
        (Kind.WRONG_ROW, "[1,0.10],[2,0.20],[3,0.30],[true,true],[5,0.50],[6,0.60]"),
        (Kind.CUT_OFF, "[1,0.10],[2,0.20],[3,0.30],[4,0.40]"),
    ],
)
def test_every_other_row_keeps_its_exact_text(kind: Kind, rows: str) -> None:
    """Digit by digit, in each envelope; a cursor still leads to the next page."""
    for body in (BARE, KUCOIN, LIGHTER, PARADEX):
        assert worsened(kind, body) == body.replace(ROWS.encode(), rows.encode())


def test_the_rows_are_the_longest_list() -> None:
    """Not the limits, which come first in Binance's list of symbols."""
    body = b'{"rateLimits":[{"limit":2400}],"symbols":[{"symbol":"A"},{"symbol":"B"}],"time":1}'
    told = json.loads(worsened(Kind.EMPTY, body))
    assert told == {"rateLimits": [{"limit": 2400}], "symbols": [], "time": 1}


@pytest.mark.parametrize("kind", [Kind.SHUFFLED, Kind.DOUBLED, Kind.WRONG_ROW, Kind.CUT_OFF])
def test_where_there_is_no_row_nothing_is_wrong(kind: Kind) -> None:
    """An empty page, an object without a list and a number stay as they are."""
    for body in (b"[]", b'{"code":"200000","data":[]}', b'{"serverTime":1}', b"17"):
        assert worsened(kind, body) == body


def test_one_row_cannot_be_out_of_order() -> None:
    """Two can: the later comes first."""
    assert worsened(Kind.SHUFFLED, b"[[1]]") == b"[[1]]"
    assert worsened(Kind.SHUFFLED, b"[[1],[2]]") == b"[[2],[1]]"


def test_other_kinds_leave_a_page_alone() -> None:
    """A web page is no matter of rows."""
    assert worsened(Kind.HTML, BARE) == BARE
