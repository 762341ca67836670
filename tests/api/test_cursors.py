"""Cursors survive the way to the client and back, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from perps_stats.api.cursors import Position, position_of, to_token
from perps_stats.api.filters import Filters
from perps_stats.core.errors import BadInput

EPOCH_US = st.integers(-(2**55), 2**57)
FIRST = position_of("trades", Filters())


@st.composite
def positions(draw: st.DrawFn) -> Position:
    return Position(
        FIRST.question,
        draw(st.none() | EPOCH_US),
        draw(st.none() | EPOCH_US),
        draw(EPOCH_US),
        tuple(draw(st.lists(st.text(max_size=20), max_size=4))),
    )


def read(token: str) -> Position:
    return position_of("trades", Filters(cursor=token))


@given(positions())
def test_a_token_reads_back(position: Position) -> None:
    """All that a page needs is in it, and it stands in a URL as it is."""
    token = to_token(position)
    assert read(token) == position
    assert token.replace("-", "").replace("_", "").isalnum()


@given(positions(), st.data())
def test_damage_is_noticed(position: Position, data: st.DataObject) -> None:
    """Any other character at any place, and any cut."""
    token = to_token(position)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("Aa0-_=+/é \0").filter(lambda each: each != token[place]))
    for damaged in (token[:place] + other + token[place + 1 :], token[:place], token + other):
        with pytest.raises(BadInput, match="it is damaged"):
            read(damaged)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_nonsense_is_refused(text: str) -> None:
    """Never anything but ``BadInput``."""
    with pytest.raises(BadInput, match="it is damaged"):
        read(text)


def test_pages_may_be_cut_and_shown_otherwise() -> None:
    """``limit``, ``numbers`` and ``depth`` do not belong to the question."""
    token = to_token(structs.replace(FIRST, time=1, rest=("7",)))
    said = (("limit", ("9",)), ("numbers", ("float",)), ("depth", ("1",)), ("cursor", (token,)))
    assert position_of("trades", Filters(cursor=token, said=said)).rest == ("7",)


def test_another_question_is_refused() -> None:
    """Another resource, another filter."""
    token = to_token(structs.replace(FIRST, time=1, rest=("7",)))
    for path, said in (("tickers", ()), ("trades", (("symbol", ("BTC",)),))):
        with pytest.raises(BadInput, match="another question"):
            position_of(path, Filters(cursor=token, said=said))
