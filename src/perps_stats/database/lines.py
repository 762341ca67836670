"""A page as text that the database makes: JSON of each record. No price becomes a Decimal.

What it says of a row is what ``api.records`` says of the record, to the byte.
"""

from collections.abc import Sequence
from functools import cache

from msgspec import structs

from perps_stats.aggregator import BANDS
from perps_stats.core.catalogue import LIQUIDITY, LIQUIDITY_AVERAGES, ORDERBOOKS, SLIPPAGE, DataSet
from perps_stats.core.stored import Query, Shown
from perps_stats.database.files.layout import SELECTED, Kind
from perps_stats.database.link import Link
from perps_stats.database.pages import first_free, page_statement, page_values
from perps_stats.database.rows import SIDES, column_types
from perps_stats.database.statements import statement

WITHIN = "coalesce({depth}::int, 2147483647)"
"""How many levels of a side are shown."""
LEVELS = (
    "array_to_json(array(select row_to_json(l) from"
    " (select {price} as price, {quantity} as quantity"
    " from unnest(p.{side}_prices[:{within}], p.{side}_quantities[:{within}])"
    " u (price, quantity)) l))"
)
WHOLE = (
    'p."complete" and greatest(cardinality(p.bid_prices), cardinality(p.ask_prices)) <= {within}'
)
"""A book that was cut is no longer the exchange's whole book."""


async def lines(
    link: Link,
    data_set: DataSet,
    query: Query,
    shown: Shown,
    *,
    condition: str = "",
    compared: Sequence[object] = (),
) -> bytes:
    """Lines without an end, of at most ``query.limit`` records; empty where there are none."""
    values = page_values(data_set, structs.replace(query, limit=query.limit + shown.skip), compared)
    text = lines_statement(
        data_set,
        tuple(query.only),
        condition,
        len(compared),
        newest_first=query.newest_first,
        as_numbers=shown.as_numbers,
    )
    depth = (shown.depth,) if data_set is ORDERBOOKS else ()
    [[found]] = await link.fetch(text, *values, shown.skip, *depth)
    return bytes(found)


@cache
def lines_statement(
    data_set: DataSet,
    only: tuple[str, ...] = (),
    condition: str = "",
    compared: int = 0,
    *,
    newest_first: bool,
    as_numbers: bool,
) -> str:
    page = page_statement(data_set, only, condition, compared, newest_first=newest_first)
    skip = first_free(data_set, only, compared)
    within = WITHIN.format(depth=f"${skip + 1}")
    number = "{}" if as_numbers else "{}::text"
    return statement("lines").format(
        fields=", ".join(
            f'{_value(data_set, field, number, within)} as "{field}"' for field in data_set.fields
        ),
        floors=_floors(data_set),
        page=page,
        skip=f"${skip}::int",
    )


def _value(data_set: DataSet, field: str, number: str, within: str) -> str:
    if field in SIDES:
        price, quantity = number.format("u.price"), number.format("u.quantity")
        side = SIDES[field]
        return LEVELS.format(price=price, quantity=quantity, side=side, within=within)
    if data_set is ORDERBOOKS and field == "complete":
        return WHOLE.format(within=within)
    column = "ts" if field == data_set.time else field
    sql = column_types(data_set).get(column)
    named = f'p."{column}"'
    if sql == "timestamp with time zone":
        return SELECTED[Kind.TIME].format(named)
    return number.format(named) if sql == "numeric" else named


def _floors(data_set: DataSet) -> str:
    """The names of the fields that are lower bounds, as ``aggregator.floors`` finds them."""
    if data_set not in {LIQUIDITY, LIQUIDITY_AVERAGES, SLIPPAGE}:
        return ""
    bounds = {"max_amount": 'p."fillable" is null and p."max_amount" is not null'}
    if data_set is not SLIPPAGE:
        bounds = {
            f"{side}_{band}": f'not p."complete" and p."reach_{side}_bps" < {distance}'
            for side in ("bid", "ask")
            for band, distance in BANDS.items()
        }
    named = ", ".join(f"case when {bound} then '{name}' end" for name, bound in bounds.items())
    return f", array_to_json(array_remove(array[{named}], null)) as floors"
