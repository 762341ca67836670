"""Whatever a socket brings, Binance's decoder gives events or says that it cannot."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.binance.stream import decode
from perps_stats.exchanges.events import BookDelta
from perps_stats.feed.sides import parse_levels

from .answers import body
from .pushes import ALL, Json, wrapped

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
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
    decodes_or_says_so(b'{"stream":"x","data":' + noise)


@given(st.sampled_from(ALL), st.dictionaries(st.sampled_from("esuUbBaATEptqmXPckrio"), JUNK))
def test_decoding_spoilt_frames_is_total(push: Json, spoilt: Json) -> None:
    """A frame with any of its fields replaced by anything."""
    decodes_or_says_so(msgspec.json.encode(push | spoilt))
    decodes_or_says_so(msgspec.json.encode(wrapped(push | spoilt)))


@given(st.sampled_from(ALL), st.data())
def test_decoding_damaged_frames_is_total(push: Json, data: st.DataObject) -> None:
    """A frame cut short, or with one byte replaced."""
    frame = bytearray(body(wrapped(push)))
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
        b'{"data":' * 100_000,
        b'{"e":"trade","x":' + b"[" * 100_000,
        b'{"stream":"x","data":{"e":"depthUpdate","b":' + b"[" * 100_000,
        b'{"e":"\xff"}',
        b'{"stream":"\xff","data":{"e":"trade"}}',
        b"<html>",
    ],
)
def test_deep_and_broken_frames_are_unreadable(frame: bytes) -> None:
    """Nesting without end and bytes that are no text are no crash."""
    with pytest.raises(Unreadable):
        decode(frame)
