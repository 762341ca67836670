-- Depth within bands over time, by side: its mean over each step, of stored hours where that is an hour or
-- more. Where any part of a mean was a floor it is one, and its name says so.
with chosen as (
{chosen}
),
told as (
    select c.market, r.ts, b.bps, b.side, b.value, 1 as samples, b.is_floor
    from chosen c
    cross join lateral (
        select *
        from liquidity_depth d
        where d.market_id = c.market_id and $__timeFilter(d.ts) and '$__interval'::interval < '1 hour'
    ) r
    cross join lateral (values
{bands}
    ) b (bps, side, value, is_floor)
    union all
    select c.market, r.ts, b.bps, b.side, b.value, b.samples, b.is_floor
    from chosen c
    cross join lateral (
        select *
        from liquidity_1h h
        where h.market_id = c.market_id and $__timeFilter(h.ts) and '$__interval'::interval >= '1 hour'
    ) r
    cross join lateral (values
{hourly_bands}
    ) b (bps, side, value, samples, is_floor)
)
select
    $__timeGroupAlias(ts,$__interval,NULL),
    market || ' ' || side || ' ' || bps || ' bps'
    || case when bool_or(is_floor) then ', at least' else '' end as metric,
    sum(value * samples) / sum(samples) as value
from told
where value is not null and bps in ($band) and side in ($side)
group by 1, market, side, bps
order by 1
