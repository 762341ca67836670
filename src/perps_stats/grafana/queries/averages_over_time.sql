-- Depth as a mean over time, weighted by the seconds in which it was known; any floor in it makes it one.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market || ' ' || b.side || ' ' || b.bps || ' bps'
    || case when bool_or(b.is_floor) then ', at least' else '' end as metric,
    sum(b.value * (r.exact_seconds + r.floor_seconds))
    / nullif(sum(r.exact_seconds + r.floor_seconds), 0) as value
from chosen c
join liquidity_averages r using (market_id)
cross join lateral (values
{bands}
) b (bps, side, value, is_floor)
where $__timeFilter(r.ts) and b.value is not null and b.bps in ($band) and b.side in ($side)
group by 1, c.market, b.side, b.bps
order by 1
