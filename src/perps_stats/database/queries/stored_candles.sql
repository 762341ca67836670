-- The runs of stored candles of a market without a hole: $1 market, $2 interval, $3 its length, $4 from,
-- $5 before.
select min(ts) as first_ts, max(ts) + $3::interval as end_ts
from (
    select ts, ts - row_number() over (order by ts) * $3::interval as run
    from klines
    where market_id = $1 and "interval" = $2 and ts >= $4 and ts < $5
) numbered
group by run
order by 1
