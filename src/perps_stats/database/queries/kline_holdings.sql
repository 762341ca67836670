-- From when to when candles of each market are stored. The key has the interval before the time, so that
-- the intervals of a market are found first, one after the other.
with recursive stored as (
    select
        market_id,
        (select min(k."interval") from klines k where k.market_id = m.market_id) as "interval"
    from markets m
    union all
    select
        market_id,
        (
            select min(k."interval") from klines k
            where k.market_id = s.market_id and k."interval" > s."interval"
        )
    from stored s
    where s."interval" is not null
)
select
    m.market_id, m.exchange, m.symbol, min(earliest.ts) as first_ts, max(latest.ts) as last_ts
from stored s
join markets m using (market_id)
cross join lateral (
    select ts from klines k
    where k.market_id = s.market_id and k."interval" = s."interval"
    order by ts limit 1
) earliest
cross join lateral (
    select ts from klines k
    where k.market_id = s.market_id and k."interval" = s."interval"
    order by ts desc limit 1
) latest
group by m.market_id
order by m.exchange, m.symbol
