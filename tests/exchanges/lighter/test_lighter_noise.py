"""Whatever a socket brings, Lighter's decoder gives events or says that it cannot."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.events import BookDelta
from perps_stats.exchanges.lighter.stream import decoder
from perps_stats.feed.sides import parse_levels

from ..answers import body  # noqa: TID252 (tests are no package that could be named)
from .pushes import ALL, Json
from .venue import BTC, ETH

decode = decoder([ETH, BTC])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
NUMBERS = st.sampled_from(
    ["", "-1", "1e400", "1e-999999999", "NaN", "Infinity", "1_0", "0x1", 1e308]
)


def decodes_or_says_so(frame: bytes) -> None:
    with suppress(Unreadable):
        for event in decode(frame):
            if isinstance(event, BookDelta):
                with suppress(ValueError):
                    parse_levels(event.bids)


@given(st.binary(max_size=200))
def test_decoding_noise_is_total(noise: bytes) -> None:
    """Random bytes give events or ``Unreadable``, nothing else."""
    decodes_or_says_so(noise)
    decodes_or_says_so(b'{"type":"update/order_book","order_book":' + noise)


@given(st.sampled_from(ALL), st.data())
def test_decoding_spoilt_frames_is_total(push: Json, data: st.DataObject) -> None:
    """A frame with any of its fields, or of the fields within, replaced by anything."""
    junk = JUNK | NUMBERS
    name = data.draw(st.sampled_from(sorted(push)))
    decodes_or_says_so(body(push | {name: data.draw(junk)}))
    inner = push[name]
    if isinstance(inner, dict):
        within = data.draw(st.sampled_from(sorted(inner)))
        decodes_or_says_so(body(push | {name: inner | {within: data.draw(junk)}}))


@given(st.sampled_from(ALL), st.data())
def test_decoding_damaged_frames_is_total(push: Json, data: st.DataObject) -> None:
    """A frame cut short, or with one byte replaced."""
    frame = bytearray(body(push))
    at = data.draw(st.integers(0, len(frame) - 1))
    decodes_or_says_so(bytes(frame[:at]))
    frame[at] = data.draw(st.integers(0, 255))
    decodes_or_says_so(bytes(frame))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"error":' * 100_000,
        b'{"type":"update/order_book","order_book":' + b"[" * 100_000,
        b'{"type":"\xff"}',
        b'{"type":"update/market_stats","channel":"market_stats:all","timestamp":1,"market_stats":[',
        b"<html>",
        b"null",
    ],
)
def test_deep_and_broken_frames_are_unreadable(frame: bytes) -> None:
    """Nesting without end and bytes that are no text are no crash."""
    with pytest.raises(Unreadable):
        decode(frame)
