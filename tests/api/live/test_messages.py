"""Frames are those of RFC 6455, as its own library reads them."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from perps_stats.api.live.messages import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 1 << 20])
def test_frames_of_every_length(size: int) -> None:
    """One text, whole, not masked."""
    reader = ClientProtocol(parse_uri("ws://here/"), state=State.OPEN, max_size=None)
    text = b"x" * size
    reader.receive_data(text_frame(text))
    assert reader.events_received() == [Frame(Opcode.TEXT, text)]
    assert reader.data_to_send() == []
