-- Longer candles beside what the stored minutes of them make: $1 market, $2 from, $3 before.
select
    k.ts, k."interval" as what,
    case when m.minutes * interval '1 minute' <> k.close_time - k.ts then 'not every minute is stored' end
    as reason,
    k.open, m.open as derived_open, k.high, m.high as derived_high, k.low, m.low as derived_low,
    k.close, m.close as derived_close, k.volume, m.volume as derived_volume,
    k.trades, m.trades as derived_trades
from klines k
cross join lateral (
    select
        count(*) as minutes,
        (array_agg(open order by ts))[1] as open, max(high) as high, min(low) as low,
        (array_agg(close order by ts desc))[1] as close,
        case when count(volume) = count(*) then sum(volume) end as volume,
        case when count(trades) = count(*) then sum(trades)::bigint end as trades
    from klines
    where market_id = k.market_id and "interval" = '1m' and ts >= k.ts and ts < k.close_time
) m
where k.market_id = $1 and k."interval" <> '1m'
    and k.ts >= coalesce($2::timestamptz, '-infinity') and k.ts < $3
order by k.ts
