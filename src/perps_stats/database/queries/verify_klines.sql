-- Candles of a minute beside the stored trades of it, where all of it was collected without a gap, or
-- the gaps were repaired. Trades of one time are in the order of their numbers.
-- $1 market, $2 from, $3 before.
with vouched as (
    select coalesce(
        (
            select range_agg(tstzrange(first_ts, last_ts)) from coverage
            where market_id = $1 and stream = 'trades'
        ) - coalesce(
            (
                select range_agg(tstzrange(ts, coalesce(end_time, 'infinity'))) from gaps
                where market_id = $1 and stream = 'trades' and repaired_at is null
            ),
            tstzmultirange()
        ),
        tstzmultirange()
    ) as spans
)
select
    k.ts, k."interval" as what,
    case when not is_whole then 'its trades were not collected whole' end as reason,
    k.open, t.open as derived_open, k.high, t.high as derived_high, k.low, t.low as derived_low,
    k.close, t.close as derived_close, k.volume, coalesce(t.volume, 0) as derived_volume,
    k.trades, case when t.aggregates is not true then coalesce(t.traded, 0) end as derived_trades
from klines k
cross join vouched v
cross join lateral (select v.spans @> tstzrange(k.ts, k.close_time) as is_whole) w
left join lateral (
    select
        (array_agg(price order by ts, length(id), id))[1] as open, max(price) as high, min(price) as low,
        (array_agg(price order by ts desc, length(id) desc, id desc))[1] as close,
        sum(quantity) as volume, count(*) as traded,
        bool_or(id !~ '^[0-9]+$') as aggregates
    from trades
    where market_id = k.market_id and ts >= k.ts and ts < k.close_time
) t on is_whole
where k.market_id = $1 and k."interval" = '1m'
    and k.ts >= coalesce($2::timestamptz, '-infinity') and k.ts < $3
order by k.ts
