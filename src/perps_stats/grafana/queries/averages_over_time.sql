-- Depth as a mean over time, weighted by the seconds in which it was known; any floor in it makes it one.
with chosen as (
{chosen}
),
bands as (
{bands}
),
told as (
    select
        c.market, r.ts, b.bps, b.side, (array[{figures}])[b.place] as value, {is_floor} as is_floor,
        r.exact_seconds + r.floor_seconds as seconds
    from chosen c
    join liquidity_averages r using (market_id)
    cross join bands b
    where $__timeFilter(r.ts)
)
select
    $__timeGroupAlias(ts,$__interval,NULL),
    market || ' ' || side || ' ' || bps || ' bps'
    || case when bool_or(is_floor) then ', at least' else '' end as metric,
    sum(value * seconds) / nullif(sum(seconds), 0) as value
from told
where value is not null
group by 1, market, side, bps
order by 1
