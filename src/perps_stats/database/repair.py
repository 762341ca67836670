"""What is to be repaired, and what was recovered."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from perps_stats.core.catalogue import GAPS, DataSet, data_set
from perps_stats.core.spans import Span
from perps_stats.core.stored import ClosedGap
from perps_stats.core.types import Gap
from perps_stats.database.coverage import VARIANTS
from perps_stats.database.link import Link
from perps_stats.database.rows import to_records
from perps_stats.database.statements import statement


async def unrepaired(
    link: Link, exchange: str, streams: Sequence[str], since: datetime
) -> list[ClosedGap]:
    """Those that ended since, oldest first."""
    rows = await link.fetch(statement("unrepaired_gaps"), exchange, list(streams), since)
    found = zip(rows, to_records(GAPS, rows), strict=True)
    return [ClosedGap(row["market_id"], gap) for row, gap in found if isinstance(gap, Gap)]


async def count_recovered(link: Link, market_id: int, name: str, variant: str, span: Span) -> int:
    """``variant`` is the interval or the kind, empty where there is none."""
    text = recovered_statement(data_set(name))
    (row,) = await link.fetch(text, market_id, *span, variant)
    return int(row[0])


@cache
def recovered_statement(one: DataSet) -> str:
    variant = VARIANTS.get(one.name)
    same = "$4 = ''" if variant is None else f'r."{variant}" = $4'
    return statement("count_recovered").format(table=one.table, same=same)
