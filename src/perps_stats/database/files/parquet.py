"""Parquet: typed columns, a row group for each block. Imported where it is needed: an extra."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportArgumentType=false
# pyright: reportUnknownArgumentType=false, reportCallIssue=false
# (the stubs of the library say less than it does)

import io
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from perps_stats.core.catalogue import DataSet
from perps_stats.database.files.about import KEY, About
from perps_stats.database.files.layout import NAMES, Kind, columns_of, header_of

TIME = pa.timestamp("us", "UTC")
Values: TypeAlias = "pa.Array[Any]"
Rows: TypeAlias = list[tuple[str | None, ...]]
TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.TIME: TIME,
    Kind.NUMBERS: pa.list_(pa.string()),
}
NOTHING, SPACE, ZONE = pa.scalar(""), pa.scalar(" "), pa.scalar("Z")
NO_ITEMS = pa.scalar([], pa.list_(pa.string()))


def schema_of(data_set: DataSet, about: About) -> pa.Schema:
    fields = [pa.field(name, pa.string()) for name in NAMES]
    for column in columns_of(data_set):
        unit = {"unit": column.unit} if column.unit else None
        fields.append(pa.field(column.name, TYPES[column.kind], metadata=unit))
    return pa.schema(fields, metadata={KEY: about.encoded()})


@contextmanager
def parquet_writer(
    path: Path, data_set: DataSet, about: About
) -> Generator[Callable[[bytes], None]]:
    schema = schema_of(data_set, about)
    words = [*NAMES, *(c.name for c in columns_of(data_set) if c.words or c.name == "interval")]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=words) as file:  # type: ignore[arg-type]  # the stubs know no list

        def write(block: bytes) -> None:
            if block:
                file.write_table(to_table(block, schema))

        yield write


def to_table(block: bytes, schema: pa.Schema) -> pa.Table:
    types = {f.name: pa.string() if pa.types.is_list(f.type) else f.type for f in schema}
    table = pacsv.read_csv(
        io.BytesIO(block),
        pacsv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(block) + 1),
        pacsv.ParseOptions(newlines_in_values=True),
        pacsv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    columns = [_lists(table[f.name]) if pa.types.is_list(f.type) else table[f.name] for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def write_columns(
    path: Path, columns: Mapping[str, Sequence[object]], units: Mapping[str, str], about: bytes
) -> None:
    """Columns of texts, of lists of texts, of whole numbers or of flags."""
    arrays: list[Any] = [pa.array(cast("list[Any]", values)) for values in columns.values()]
    arrays = [each.cast(pa.string()) if pa.types.is_null(each.type) else each for each in arrays]
    fields = [
        pa.field(name, each.type, metadata={"unit": units[name]} if name in units else None)
        for name, each in zip(columns, arrays, strict=True)
    ]
    schema = pa.schema(fields, metadata={KEY: about})
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def read_about(path: Path) -> bytes | None:
    with pq.ParquetFile(path) as file:
        return (file.schema_arrow.metadata or {}).get(KEY)


def read_rows(path: Path, data_set: DataSet, size: int) -> Iterator[Rows]:
    """At most ``size`` rows at a time, as texts. Raises ``OSError`` and ``ValueError``."""
    with pq.ParquetFile(path) as file:
        header = list(header_of(data_set))
        if missing := set(header).difference(file.schema_arrow.names):
            raise ValueError(f"it has no column {', '.join(sorted(missing))}")
        for batch in file.iter_batches(size, columns=header):
            columns = [batch.column(name).cast(TYPES[Kind.TEXT]) for name in NAMES]
            columns += [_texts(batch.column(c.name), c.kind) for c in columns_of(data_set)]
            yield list(zip(*(column.to_pylist() for column in columns), strict=True))


def _texts(values: Values, kind: Kind) -> Values:
    """As they stand in csv. Without a zone a time needs none of the system's files of zones."""
    if kind is Kind.TIME:
        texts: Any = values.cast(TIME).cast(pa.timestamp("us")).cast(pa.string())
        return cast("Values", pc.binary_join_element_wise(texts, ZONE, NOTHING))
    if kind is Kind.NUMBERS:
        return cast("Values", pc.binary_join(values.cast(TYPES[kind]), SPACE))
    return values.cast(TYPES[kind]).cast(pa.string())


def _lists(texts: "pa.ChunkedArray[pa.StringScalar]") -> "pa.ChunkedArray[Any]":
    """An empty text is an empty list, where a split would give a list with an empty text."""
    lists = pc.if_else(pc.equal(texts, NOTHING), NO_ITEMS, pc.split_pattern(texts, " "))
    return cast("pa.ChunkedArray[Any]", lists)
