-- How much of each day a stream was vouched for, of the time in which somebody listened.
select
    day as "time",
    market || ' ' || stream as metric,
    vouched / nullif(vouched + gaps, 0) as value
from (
{coverage}
) each
order by 1
