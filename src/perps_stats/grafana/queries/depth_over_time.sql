-- Depth within bands over time, by side: its mean over each step, of stored hours where that is an hour or
-- more. Where any part of a mean was a floor it is one, and its name says so.
with chosen as (
{chosen}
),
bands as (
{bands}
),
told as (
    select
        c.market, r.ts, b.bps, b.side, (array[{figures}])[b.place] as value, 1 as samples,
        {is_floor} as is_floor
    from chosen c
    cross join lateral (
        select *
        from liquidity_depth d
        where d.market_id = c.market_id and $__timeFilter(d.ts) and '$__interval'::interval < '1 hour'
    ) r
    cross join bands b
    union all
    select
        c.market, r.ts, b.bps, b.side, (array[{means}])[b.place], (array[{samples}])[b.place],
        (array[{floors}])[b.place] > 0
    from chosen c
    cross join lateral (
        select *
        from liquidity_1h h
        where h.market_id = c.market_id and $__timeFilter(h.ts) and '$__interval'::interval >= '1 hour'
    ) r
    cross join bands b
)
select
    $__timeGroupAlias(ts,$__interval,NULL),
    market || ' ' || side || ' ' || bps || ' bps'
    || case when bool_or(is_floor) then ', at least' else '' end as metric,
    sum(value * samples) / sum(samples) as value
from told
where value is not null
group by 1, market, side, bps
order by 1
