-- The interval of each settlement beside the time since the one before: $1 market, $2 from, $3 before.
select
    ts, kind as what,
    case
        when funding_interval is null then 'its interval is not known'
        when before is null then 'none is stored before it'
        when hours >= 2 * funding_interval and mod(hours, funding_interval) = 0 then
            'one before it is missing'
    end as reason,
    funding_interval, hours as derived_funding_interval
from (
    select
        ts, kind, funding_interval, lag(ts) over (order by ts) as before,
        round(extract(epoch from ts - lag(ts) over (order by ts)) / 3600) as hours
    from funding_rates
    where market_id = $1 and kind = 'settled' and ts < $3
) settled
where ts >= coalesce($2::timestamptz, '-infinity')
order by ts
