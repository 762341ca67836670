"""What a file says of its rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.database.samples import market

from perps_stats.core.errors import BadInput
from perps_stats.core.times import rfc3339
from perps_stats.database.files.about import About, beside, to_about

ABOUT = About(
    data_set="trades",
    meaning="public trades",
    units={"price": "quote/base"},
    rows=2,
    start=None,
    end=None,
    intervals=None,
    first=None,
    last=None,
    simulated={"binance": True},
    markets=[market()],
    version="1",
    written_at=rfc3339(datetime(2026, 3, 1, tzinfo=UTC)),
)


def test_it_is_read_as_it_was_written() -> None:
    """Markets with all their numbers too."""
    assert to_about(ABOUT.encoded(), "a.parquet") == ABOUT


@pytest.mark.parametrize("text", [None, b"", b"{}", b"[1]", b"\xff", b'{"data_set": 1}'])
def test_what_is_none_is_told(text: bytes | None) -> None:
    """A file of somebody else's."""
    with pytest.raises(BadInput, match=r"a\.parquet.*does not say where its rows come from"):
        to_about(text, "a.parquet")


def test_each_exchange_is_live_or_simulated() -> None:
    """What says neither is not taken for live."""
    with pytest.raises(BadInput, match="nothing says whether it is simulated"):
        to_about(replace(ABOUT, simulated={}).encoded(), "a.parquet")


def test_beside_a_file_lies_what_it_is_about() -> None:
    """Under a name that says so."""
    assert beside(Path("d/a.csv.gz")) == Path("d/a.csv.gz.about.json")
