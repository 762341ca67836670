"""Pages of what is derived of the rows of a span."""

from msgspec import structs

from perps_stats.api.cursors import Position
from perps_stats.api.derived.present import back
from perps_stats.api.filters import Filters
from perps_stats.api.kinds import History
from perps_stats.api.names import Choice
from perps_stats.api.records import encoded_lines
from perps_stats.api.sources import Sources
from perps_stats.api.spans import Page, query_of, span_of
from perps_stats.core.times import rfc3339, to_us
from perps_stats.database.rows import cursor_after


async def page_of_history(
    sources: Sources, resource: History, filters: Filters, choice: Choice, begin: Position
) -> Page:
    begin = _with_start(begin, resource, sources)
    query = query_of(resource.source, filters, choice, begin)
    found = await resource.read(sources, choice, filters, query)
    records, end = found[: filters.limit], None
    if len(found) > filters.limit:
        last = cursor_after(resource.source, records[-1])
        end = structs.replace(begin, time=to_us(last.time), rest=last.rest)
    times = [getattr(record, resource.time) for record in records if resource.is_known(record)]
    return Page(
        lines=encoded_lines(records, choice.names.simulated, as_numbers=filters.as_numbers),
        as_of=rfc3339(max(times)) if times else None,
        end=end,
    )


def _with_start(begin: Position, resource: History, sources: Sources) -> Position:
    """The same for every page, where nobody said one."""
    start, end = span_of(begin)
    if start is not None or resource.usual_span is None:
        return begin
    return structs.replace(begin, start=to_us(back(end or sources.now(), resource.usual_span)))
