"""Whatever a socket brings, Paradex's decoder gives events or says that it cannot."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.exchanges.paradex.stream import decode
from perps_stats.feed.sides import parse_levels

from ..answers import body  # noqa: TID252 a folder an exchange
from .pushes import ALL, push
from .venue import Json

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def data_of(frame: Json) -> Json:
    params = msgspec.convert(frame["params"], dict[str, object])
    return msgspec.convert(params["data"], dict[str, object])


PUSHES = [frame for frame in ALL if "params" in frame]
FIELDS = sorted({name for frame in PUSHES for name in data_of(frame)})


def decodes_or_says_so(frame: bytes) -> None:
    with suppress(Unreadable):
        for event in decode(frame):
            if isinstance(event, BookSnapshot | BookDelta):
                parse_levels(event.bids)
                parse_levels(event.asks)


@given(st.binary(max_size=200))
def test_decoding_noise_is_total(noise: bytes) -> None:
    """Random bytes give events or ``Unreadable``, nothing else."""
    decodes_or_says_so(noise)
    decodes_or_says_so(b'{"params":{"channel":"trades.X","data":' + noise)


@given(st.sampled_from(PUSHES), st.dictionaries(st.sampled_from(FIELDS), JUNK))
def test_decoding_spoilt_frames_is_total(frame: Json, spoilt: Json) -> None:
    """A frame with any of its fields replaced by anything; its levels stay levels."""
    channel = msgspec.convert(frame["params"], dict[str, object])["channel"]
    decodes_or_says_so(msgspec.json.encode(push(str(channel), data_of(frame) | spoilt)))
    decodes_or_says_so(msgspec.json.encode(frame | {"params": spoilt}))


@given(st.sampled_from(ALL), st.dictionaries(st.sampled_from(["id", "result", "error"]), JUNK))
def test_decoding_spoilt_answers_is_total(frame: Json, spoilt: Json) -> None:
    """The answer to a request with any of its fields replaced by anything."""
    decodes_or_says_so(msgspec.json.encode(frame | spoilt))


@given(st.sampled_from(ALL), st.data())
def test_decoding_damaged_frames_is_total(frame: Json, data: st.DataObject) -> None:
    """A frame cut short, or with one byte replaced."""
    damaged = bytearray(body(frame))
    at = data.draw(st.integers(0, len(damaged) - 1))
    decodes_or_says_so(bytes(damaged[:at]))
    damaged[at] = data.draw(st.integers(0, 255))
    decodes_or_says_so(bytes(damaged))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"{}",
        b"[" * 100_000,
        b'{"params":' * 100_000,
        b'{"params":{"channel":"order_book.X.deltas","data":' + b"[" * 100_000,
        b'{"params":{"channel":"bbo.\xff","data":{}}}',
        b'{"id": 1}',
        b"<html>",
    ],
)
def test_deep_and_broken_frames_are_unreadable(frame: bytes) -> None:
    """Nesting without end and bytes that are no text are no crash."""
    with pytest.raises(Unreadable):
        decode(frame)
