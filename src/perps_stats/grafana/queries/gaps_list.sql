-- The newest gaps that reach into the span.
with chosen as (
{chosen}
)
select
    g.ts as "from",
    g.end_time as "to",
    extract(epoch from g.end_time - g.ts) as "seconds",
    c.market as "market",
    g.stream as "stream",
    g.cause as "cause",
    g.missed as "missed",
    g.rows_recovered as "recovered",
    g.repaired_at as "repaired at",
    g.detail as "detail"
from chosen c
join gaps g using (market_id)
where g.ts <= $__timeTo()::timestamptz
    and (g.end_time is null or g.end_time >= $__timeFrom()::timestamptz)
    and g.stream = any(array[$stream]::text[])
order by g.ts desc
limit 500
