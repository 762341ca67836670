"""Rows of text on their way to the database are the records that they were made of."""

import pytest
from msgspec import Struct, structs

from perps_stats.core.catalogue import DataSet
from perps_stats.database.rows import to_row
from perps_stats.database.underway import from_row

from .samples import RECORDS


@pytest.mark.parametrize(
    ("data_set", "records"), RECORDS, ids=lambda value: getattr(value, "name", "")
)
def test_every_record_is_read_back(data_set: DataSet, records: list[Struct]) -> None:
    """Nulls, long decimals, extreme times, awkward texts: nothing is lost in the text."""
    for record in records:
        names = structs.asdict(record)
        row = to_row(data_set, record, 7)
        assert from_row(data_set, row, names["exchange"], names["symbol"]) == record
