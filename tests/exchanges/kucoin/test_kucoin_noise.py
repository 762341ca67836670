"""Whatever a socket brings, KuCoin's decoder gives events or says that it cannot."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import Unreadable
from perps_stats.exchanges.events import BookDelta
from perps_stats.exchanges.kucoin.stream import STREAM
from perps_stats.feed.sides import parse_levels

from ..answers import body  # noqa: TID252 (tests are no package that could be named)
from .pushes import CLASSIC, UTA
from .venue import ALL, Json

DECODE = STREAM.decoder(list(ALL.values()))
PUSHES = st.sampled_from(CLASSIC + UTA)
FIELDS = st.sampled_from(
    "id type topic subject code data T t P dp d message result reason"  # noqa: SIM905
    " sequence change timestamp bestBidPrice bestBidSize bestAskPrice ts price size side tradeId"
    " markPrice indexPrice fundingRate granularity candles volume turnover lastPrice priceChg"
    " s O C M a b mp ip oi fr nt gl".split()
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["1e999999", "1e-999999", "NaN", "-1", "XBTUSDM", "/a:XBTUSDM", "1,buy,1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner),
    max_leaves=8,
)


def decodes_or_says_so(frame: bytes) -> None:
    with suppress(Unreadable):
        for event in DECODE(frame):
            if isinstance(event, BookDelta):
                parse_levels(event.bids)
                parse_levels(event.asks)


@given(st.binary(max_size=200))
def test_decoding_noise_is_total(noise: bytes) -> None:
    """Random bytes give events or ``Unreadable``, nothing else."""
    decodes_or_says_so(noise)
    decodes_or_says_so(b'{"subject":"level2","data":' + noise)
    decodes_or_says_so(b'{"T":"mark-price","d":' + noise)


@given(PUSHES, st.dictionaries(FIELDS, JUNK))
def test_decoding_spoilt_frames_is_total(push: Json, spoilt: Json) -> None:
    """A frame with any of its fields replaced by anything."""
    decodes_or_says_so(msgspec.json.encode(push | spoilt))


@given(PUSHES, st.dictionaries(FIELDS, JUNK), st.sampled_from(["XBTUSDTM", "XBTUSDM"]))
def test_decoding_spoilt_data_is_total(push: Json, spoilt: Json, native: str) -> None:
    """The same of what is inside, for both kinds of contract."""
    inside = "data" if "data" in push else "d"
    data = push[inside]
    assert isinstance(data, dict)
    changed = push | {inside: data | spoilt, "topic": f"/x:{native}"}
    decodes_or_says_so(msgspec.json.encode(changed))


@given(PUSHES, st.data())
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
        b"[" * 100_000,
        b'{"data":' * 100_000,
        b'{"subject":"match","topic":"/x:XBTUSDTM","data":' + b"[" * 100_000,
        b'{"T":"obu.FUTURES","d":' + b"[" * 100_000,
        b'{"subject":"\xff"}',
        b'{"type":"error","data":"\xff"}',
        b"<html>",
    ],
)
def test_deep_and_broken_frames_are_unreadable(frame: bytes) -> None:
    """Nesting without end and bytes that are no text are no crash."""
    with pytest.raises(Unreadable):
        DECODE(frame)
