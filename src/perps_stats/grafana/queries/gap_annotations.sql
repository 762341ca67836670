-- The newest gaps that reach into the span, as regions; one that is open reaches to its end, or to now.
with chosen as (
{chosen}
)
select
    g.ts as "time",
    coalesce(g.end_time, least($__timeTo()::timestamptz, now())) as "timeend",
    c.market || ' ' || g.stream || ': ' || g.cause
    || case when g.end_time is null then ', still open' else '' end as "text",
    concat_ws(',', 'gap', g.stream, g.cause) as "tags"
from chosen c
join gaps g using (market_id)
where g.ts <= $__timeTo()::timestamptz
    and (g.end_time is null or g.end_time >= $__timeFrom()::timestamptz)
order by g.ts desc
limit 500
