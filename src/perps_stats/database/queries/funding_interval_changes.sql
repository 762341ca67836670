-- Where the interval of a market's settled funding became another: $1 market, $2 from, $3 before.
select ts, before, funding_interval as after
from (
    select ts, funding_interval, lag(funding_interval) over (order by ts) as before
    from funding_rates
    where market_id = $1 and kind = 'settled' and funding_interval is not null and ts < $3
) settled
where before <> funding_interval and ts >= $2
order by ts
