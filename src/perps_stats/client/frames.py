"""Answers as tables of Arrow, polars and pandas.

Decimals come as text and become decimal128: of a precision of 38 digits, and the least scale that
holds every value of the column. Where no scale does, the column stays text: nothing is rounded.
Units stand in the metadata of a column, under ``unit``.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportArgumentType=false
# pyright: reportUnknownArgumentType=false, reportCallIssue=false, reportAttributeAccessIssue=false
# (the stubs of the library say less than it does)

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from perps_stats.client.answers import Meta, Question
from perps_stats.client.errors import NotInstalled, NotUnderstood

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as missing:
    raise NotInstalled("pyarrow", "polars") from missing

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

T = TypeVar("T")
Column: TypeAlias = "pa.ChunkedArray[Any]"
FORM = "arrow"
KEY = b"perps-stats"
"""Of the schema's metadata: what the answer says of itself."""
UNIT = b"unit"
DIGITS = 38


class TablePage(Struct, frozen=True):
    table: pa.Table
    meta: Meta

    def __len__(self) -> int:
        return self.table.num_rows


async def to_arrow(question: Question[T]) -> pa.Table:
    async def ask(cursor: str | None, most: int) -> TablePage:
        return _page(await question.body(cursor, most, FORM))

    tables = [page.table async for page in question.walk(ask)]
    table = pa.concat_tables(tables).replace_schema_metadata(None)
    for place, field in enumerate(table.schema):
        if UNIT in (field.metadata or {}):
            column = exact(table.column(place))
            table = table.set_column(place, field.with_type(column.type), column)
    return table


def _page(body: bytes) -> TablePage:
    try:
        table = pa.ipc.open_stream(body).read_all()
        return TablePage(table, msgspec.json.decode(table.schema.metadata[KEY], type=Meta))
    except (pa.ArrowInvalid, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise NotUnderstood(f"no answer in Arrow's form: {error}") from error


def exact(column: Column) -> Column:
    """Texts, or lists of texts, as decimals. Digits are counted page by page: that takes memory."""
    nested = pa.types.is_list(column.type)
    counts = [_digits(pc.list_flatten(chunk) if nested else chunk) for chunk in column.chunks]
    whole = max((count for count, _ in counts), default=0)
    scale = max((count for _, count in counts), default=0)
    if whole + scale > DIGITS:
        return column
    kind: Any = pa.decimal128(DIGITS, scale)
    return column.cast(pa.list_(kind) if nested else kind)


def _digits(texts: Any) -> tuple[int, int]:  # noqa: ANN401  an array
    """The most before the point, where a sign counts as one, and the most after it."""
    length: Any = pc.binary_length(texts)
    point: Any = pc.find_substring(texts, ".")
    has_point: Any = pc.greater(point, pa.scalar(-1))
    whole: Any = pc.max(pc.if_else(has_point, point, length))
    decimals: Any = pc.max(pc.if_else(has_point, pc.subtract(pc.subtract(length, point), 1), 0))
    return whole.as_py() or 0, decimals.as_py() or 0


def to_polars(table: pa.Table) -> "pl.DataFrame":
    try:
        import polars as pl  # noqa: PLC0415  an extra
    except ImportError as missing:
        raise NotInstalled("polars", "polars") from missing
    # In one piece it would be there twice for a moment.
    return pl.DataFrame(pl.from_arrow(table, rechunk=False))


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    try:
        import pandas as pd  # noqa: PLC0415  an extra
    except ImportError as missing:
        raise NotInstalled("pandas", "pandas") from missing
    return table.to_pandas(types_mapper=pd.ArrowDtype)
