"""The forms of Apache Arrow: a stream of batches, and parquet. An extra: imported at need."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportArgumentType=false
# pyright: reportUnknownArgumentType=false, reportCallIssue=false
# (the stubs of the library say less than it does)

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from perps_stats.api.formats.columns import Column, Kind, Record, columns_of
from perps_stats.api.records import Answer
from perps_stats.database.files.about import KEY

TIME = pa.timestamp("us", "UTC")
TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.DECIMAL: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TIME: TIME,
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.DECIMALS: pa.list_(pa.string()),
    Kind.JSON: pa.string(),
}
FLOATS: dict[Kind, Any] = {
    **TYPES,
    Kind.DECIMAL: pa.float64(),
    Kind.DECIMALS: pa.list_(pa.float64()),
}
read = msgspec.json.Decoder(list[dict[str, object]])


def to_stream(answer: Answer) -> bytes:
    table = to_table(answer)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def to_parquet(answer: Answer) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(to_table(answer), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def to_table(answer: Answer) -> pa.Table:
    """Decimals as exact text, or as floats where those were asked for; units at the columns, and
    what the answer says of itself in the schema's metadata.
    """
    types = FLOATS if answer.as_numbers else TYPES
    records = read.decode(answer.array)
    columns = columns_of(answer.row)
    fields = [
        pa.field(each.name, types[each.kind], metadata={"unit": each.unit} if each.unit else None)
        for each in columns
    ]
    schema = pa.schema(fields, metadata={KEY: msgspec.json.encode(answer.meta)})
    arrays = [_array(each, records, types[each.kind]) for each in columns]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: Column, records: Sequence[Record], kind: Any) -> Any:  # noqa: ANN401  arrays of any type
    values: list[Any] = [column.take(record) for record in records]
    if column.kind is Kind.TIME:
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)
