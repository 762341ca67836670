-- Open interest over time, one side, in quote: as the exchange tells it, else at the mark price, else at the
-- last one. The mean over each step; of stored hours where tickers tell it and a step is an hour or more.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market as metric,
    avg(r.value) as value
from chosen c
cross join lateral (
    select o.ts, coalesce(o.value, o.contracts * p.price) as value
    from (
        select
            date_bin('$__interval', i.ts, '1970-01-01 00:00+00') as ts, max(i.ts) as last,
            avg(i.open_value) as value, avg(i.open_interest) as contracts
        from open_interest i
        where i.market_id = c.market_id and $__timeFilter(i.ts)
        group by 1
    ) o
    left join lateral (
        select coalesce(t.mark_price, t.last_price) as price
        from tickers t
        where t.market_id = c.market_id and t.ts <= o.last and t.ts > o.last - interval '1 minute'
        order by t.ts desc
        limit 1
    ) p on o.value is null
    union all
    select
        t.ts,
        coalesce(t.open_interest_notional, t.open_interest * coalesce(t.mark_price, t.last_price))
    from tickers t
    where t.market_id = c.market_id and $__timeFilter(t.ts) and '$__interval'::interval < '1 hour'
    union all
    select
        h.ts,
        coalesce(
            h.open_interest_notional_avg,
            h.open_interest_avg * coalesce(h.mark_price_avg, h.last_price_avg)
        )
    from tickers_1h h
    where h.market_id = c.market_id and $__timeFilter(h.ts) and '$__interval'::interval >= '1 hour'
) r
where r.value is not null
group by 1, 2
order by 1
