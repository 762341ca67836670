-- A figure of tickers over time: its mean over each step, of stored hours where that is an hour or more.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market as metric,
    sum(r.value * r.samples) / sum(r.samples) as value
from chosen c
cross join lateral (
    select t.ts, {value} as value, 1 as samples
    from tickers t
    where t.market_id = c.market_id and $__timeFilter(t.ts) and '$__interval'::interval < '1 hour'
    union all
    select h.ts, h.{figure}_avg, h.{figure}_samples
    from tickers_1h h
    where h.market_id = c.market_id and $__timeFilter(h.ts) and '$__interval'::interval >= '1 hour'
) r
where r.value is not null
group by 1, 2
order by 1
