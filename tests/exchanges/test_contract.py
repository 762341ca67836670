"""What every adapter builds on: decoding, row by row; values made of parts."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.contract import Flow, Request, decoded, get, made, rows, together
from perps_stats.feed.flow import replay

from .answers import asked, body


class Point(Struct):
    x: int
    y: int = 0


class Named(Struct):
    name: str
    y: int


def raws(*values: object) -> list[Raw]:
    return [Raw(body(value)) for value in values]


def both() -> Flow[tuple[bytes, ...]]:
    return (yield from together(Request("GET", "/a"), Request("GET", "/b")))


def test_numbers_may_come_as_strings() -> None:
    """Some gateways quote their integers; a quoted number is the same number."""
    assert decoded(b'{"x": "7"}', Point) == Point(7)


def test_what_does_not_fit_is_named_by_its_path() -> None:
    """A missing field is an error that says where it is missing, never a default."""
    with pytest.raises(Unreadable, match=r"missing required field `x` - at `\$\[1\]`"):
        decoded(b'[{"x": 1}, {"y": 2}]', list[Point])


@given(st.binary(max_size=60) | st.sampled_from([b"[" * 100_000, b'{"x":' * 50_000, b'"\xff"']))
def test_decoding_is_total(noise: bytes) -> None:
    """Whatever comes, the outcome is a value or ``Unreadable``."""
    with suppress(Unreadable):
        decoded(noise, dict[str, Point])


def test_one_bad_row_does_not_lose_the_list() -> None:
    """The good rows are returned, the bad one is handed out with its number."""
    bad: list[Unreadable] = []
    flow = rows(raws({"x": 1}, {"x": "no"}, {"x": 3}), Point)
    assert asked(flow, lambda _: b"", bad)[0] == [Point(1), Point(3)]
    assert [str(error).split(";")[0] for error in bad] == [
        "unreadable answer: row 1: Expected `int`, got `str` - at `$.x`"
    ]


def test_a_list_without_one_readable_row_is_an_error() -> None:
    """Nothing readable is not the same as nothing there."""
    with pytest.raises(Unreadable, match="row 0"):
        asked(rows(raws({}, {}), Point), lambda _: b"", [])
    assert asked(rows([], Point), lambda _: b"", [])[0] == []


def test_questions_asked_together_are_answered_in_their_order() -> None:
    """The bodies of a tuple come as a tuple."""
    result, asks = asked(both(), lambda request: request.path.encode())
    assert result == (b"/a", b"/b")
    assert [[path for path, *_ in said] for said in asks] == [["/a", "/b"]]


def test_a_parameter_that_is_none_is_left_out() -> None:
    """Every other parameter is sent as text."""
    flow = get("/points", Point, {"limit": 5, "start": None}, weight=3, pool="slow")
    assert asked(flow, lambda _: b'{"x": 1}') == (
        Point(1),
        [(("/points", {"limit": "5"}, 3, "slow"),)],
    )


def test_one_request_cannot_have_two_bodies() -> None:
    """A sender that mixes the two forms up is a fault of ours, found at once."""
    flow = get("/points", Point)
    next(flow)
    with pytest.raises(TypeError, match="one request has one body"):
        flow.send((b"{}", b"{}"))
    several = both()
    next(several)
    with pytest.raises(TypeError, match="several bodies"):
        several.send(b"{}")


def test_a_value_is_made_of_the_fields_that_bear_its_names() -> None:
    """Later parts count before earlier ones, what is stated before all; none is skipped."""
    assert made(Point, Named("a", 1), None, Point(2, 3)) == Point(2, 3)
    assert made(Point, Point(2, 3), Named("a", 1)) == Point(2, 1)
    assert made(Point, Named("a", 1), x=9) == Point(9, 1)


def test_flows_replay_from_bodies() -> None:
    """The same generator runs without any sender."""
    assert replay(both(), [b"1", b"2"]) == (b"1", b"2")
