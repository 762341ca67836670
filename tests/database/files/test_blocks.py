"""Pieces of what the server sends, as blocks of whole rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.database.files import blocks
from perps_stats.database.files.blocks import blocks_to, is_whole


@given(
    rows=st.lists(st.binary(max_size=9).map(lambda text: text.replace(b'"', b'""')), max_size=20),
    cuts=st.lists(st.integers(1, 30), min_size=1),
)
async def test_blocks_hold_whole_rows(rows: list[bytes], cuts: list[int]) -> None:
    """Wherever the pieces are cut, and whatever line ends are in the texts."""
    text = b"".join(b'1,"' + row + b'"\n' for row in rows)
    written: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", 40)
        async with blocks_to(written.append) as taking:
            place = 0
            for cut in cuts * (len(text) + 1):
                await taking.take(text[place : place + cut])
                place += cut
                if place >= len(text):
                    break
    assert b"".join(written) == text
    assert all(is_whole(block) for block in written if block)


async def test_what_a_writer_cannot_write_is_told() -> None:
    """By the next piece, or in the end."""

    def full(block: bytes) -> None:
        raise OSError(28, f"no room for {len(block)}")

    with pytest.raises(OSError, match="no room for 4"):
        async with blocks_to(full) as taking:
            await taking.take(b"a,b\n")
