-- The gaps of the span by stream and cause.
with chosen as (
{chosen}
)
select
    stream as "stream",
    cause as "cause",
    gaps as "gaps",
    open as "open",
    unrepaired as "unrepaired",
    seconds as "seconds",
    missed as "missed",
    rows_recovered as "recovered"
from (
{sum_gaps}
) each
order by seconds desc
