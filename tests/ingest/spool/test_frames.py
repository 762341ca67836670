"""Records in a segment: what is whole is found, whatever is around it."""

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.ingest.spool.frames import (
    HEAD_BYTES,
    MAGIC,
    Damage,
    Place,
    frame,
    payload_of,
    scan,
)

PAYLOADS = st.lists(st.binary(max_size=300), min_size=1, max_size=8)
TIME = 1_772_366_400_000_000


def segment_of(payloads: list[bytes]) -> bytes:
    return b"".join(frame(payload, TIME + number) for number, payload in enumerate(payloads))


def whole(segment: bytes) -> list[bytes]:
    """The payloads that are found."""
    places = [each for each in scan(segment) if isinstance(each, Place)]
    return [segment[place.start + HEAD_BYTES : place.end] for place in places]


@given(PAYLOADS)
def test_all_that_was_written_is_found(payloads: list[bytes]) -> None:
    """In order, with the time of each, and nothing else."""
    segment = segment_of(payloads)
    places = list(scan(segment))
    assert whole(segment) == payloads
    assert [place.written_us for place in places if isinstance(place, Place)] == [
        TIME + number for number in range(len(payloads))
    ]
    assert len(places) == len(payloads)


@given(PAYLOADS, st.data())
def test_a_flipped_bit_loses_its_record_alone(payloads: list[bytes], data: st.DataObject) -> None:
    """Whether in the payload, the length, the time, the checksum or the magic."""
    segment = bytearray(segment_of(payloads))
    at = data.draw(st.integers(0, len(segment) - 1))
    segment[at] ^= 1 << data.draw(st.integers(0, 7))
    ends = [len(segment_of(payloads[: number + 1])) for number in range(len(payloads))]
    hit = next(number for number, end in enumerate(ends) if at < end)
    assert whole(bytes(segment)) == payloads[:hit] + payloads[hit + 1 :]
    (damage,) = [each for each in scan(bytes(segment)) if isinstance(each, Damage)]
    assert damage.start <= at < damage.end


@given(PAYLOADS, st.data())
def test_a_torn_tail_leaves_what_came_before(payloads: list[bytes], data: st.DataObject) -> None:
    """Of any length: the records that are whole, and one torn rest at most."""
    segment = segment_of(payloads)
    length = data.draw(st.integers(0, len(segment)))
    ends = [len(segment_of(payloads[:number])) for number in range(len(payloads) + 1)]
    complete = sum(end <= length for end in ends) - 1
    torn = segment[:length]
    assert whole(torn) == payloads[:complete]
    rest = [each for each in scan(torn) if isinstance(each, Damage)]
    assert rest == ([] if length in ends else [Damage(ends[complete], length, torn=True)])


@given(st.binary(max_size=100), PAYLOADS)
def test_garbage_in_front_hides_nothing(garbage: bytes, payloads: list[bytes]) -> None:
    """Also if it looks like the begin of a record."""
    for junk in (garbage, MAGIC + garbage, MAGIC * 2):
        assert whole(junk + segment_of(payloads)) == payloads


def test_a_record_is_its_magic_length_time_checksum_and_payload() -> None:
    """CRC32C of nine digits is E3069283 by RFC 3720; ours covers length and time too."""
    record = frame(b"123456789", 7)
    head = b"\xf5perps1\n" + (9).to_bytes(4, "little") + (7).to_bytes(8, "little")
    assert record[: len(head)] == head
    assert record[len(head) + 4 :] == b"123456789"
    assert int.from_bytes(record[len(head) : len(head) + 4], "little") == castagnoli(
        record[8:20] + b"123456789"
    )
    assert castagnoli(b"123456789") == 0xE3069283
    assert payload_of(record) == b"123456789"
    assert payload_of(record[:-1]) is None


def castagnoli(data: bytes) -> int:
    """CRC32C bit by bit: RFC 3720, appendix B.4."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
