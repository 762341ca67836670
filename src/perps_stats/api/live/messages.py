"""What is said on the stream: JSON as REST has it, and the frames of RFC 6455 around it."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from perps_stats.api.live.requests import Id, Key
from perps_stats.api.records import answer_units, encoded_lines
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Gap

TEXT = 0x81
"""The last, and only, fragment of a text."""
SHORT, MEDIUM = 126, 1 << 16
encode = msgspec.json.encode


def text_frame(text: bytes) -> bytes:
    """Unmasked, as servers send."""
    size = len(text)
    if size < SHORT:
        return bytes((TEXT, size)) + text
    if size < MEDIUM:
        return bytes((TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((TEXT, 127)) + size.to_bytes(8, "big") + text


def named(key: Key) -> dict[str, object]:
    """A topic as messages name it."""
    told: dict[str, object] = {
        "data_set": key.data_set,
        "exchange": key.exchange,
        "symbol": key.symbol,
    }
    return {**told, "depth": key.depth} if key.depth else told


def rows(records: Sequence[Struct], simulated: Mapping[str, bool]) -> bytes:
    """As REST writes them."""
    lines = encoded_lines(records, simulated, as_numbers=False)
    return b"[%b]" % lines.replace(b"\n", b",")


def update(topic: bytes, seq: int, data: bytes) -> bytes:
    """``topic`` is ``named`` without its braces."""
    return text_frame(b'{"type":"update",%b,"seq":%d,"data":%b}' % (topic, seq, data))


def snapshot(topic: bytes, seq: int, data: bytes, gaps: bytes) -> bytes:
    return text_frame(
        b'{"type":"snapshot",%b,"seq":%d,"data":%b,"gaps":%b}' % (topic, seq, data, gaps)
    )


def feed_gap(topic: bytes, seq: int, gaps: Sequence[Gap], simulated: Mapping[str, bool]) -> bytes:
    """Of what the exchange told us, or did not."""
    data = rows(gaps, simulated)
    return text_frame(b'{"type":"gap",%b,"seq":%d,"of":"feed","data":%b}' % (topic, seq, data))


def delivery_gap(topic: bytes, seq: int, after: int, reason: str) -> bytes:
    """What was said after a number, up to ``seq``, is no longer known here."""
    told = (topic, seq, after, encode(reason))
    return text_frame(b'{"type":"gap",%b,"seq":%d,"of":"delivery","after":%d,"reason":%b}' % told)


def confirmed(kind: str, request: Id, topics: Iterable[tuple[Key, int]]) -> bytes:
    """``topics`` with the number that each has reached; units are those of their fields."""
    listed = list(topics)
    told: dict[str, object] = {
        "type": kind,
        "id": request,
        "channels": [{**named(key), "seq": seq} for key, seq in listed],
    }
    if kind == "subscribed":
        used = dict.fromkeys(key.data_set for key, _ in listed)
        told["units"] = {name: answer_units(DATA_SETS[name].row) for name in used}
    return text_frame(encode(told))


def refused(request: Id, error: BadInput) -> bytes:
    told = {
        "type": "error",
        "id": request,
        "field": error.field,
        "value": str(error.value),
        "remedy": error.remedy,
    }
    return text_frame(encode(told))


def pong(request: Id, served_at: str) -> bytes:
    return text_frame(encode({"type": "pong", "id": request, "ts": served_at}))


def heartbeat(served_at: str) -> bytes:
    return text_frame(encode({"type": "heartbeat", "ts": served_at}))
