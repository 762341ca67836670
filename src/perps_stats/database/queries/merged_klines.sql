-- Stored candles as longer ones, where all of them are there.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 from, $6 before, $7 their interval, $8 the
-- longer one's name, $9 its length, $10 a time at which one opens, $11 how many make one.
select m.exchange, m.symbol, r.*
from markets m
cross join lateral (
    select
        $8::text as "interval",
        date_bin($9::interval, k.ts, $10) as ts,
        date_bin($9::interval, k.ts, $10) + $9::interval as close_time,
        (array_agg(open order by k.ts))[1] as open,
        max(high) as high,
        min(low) as low,
        (array_agg(close order by k.ts desc))[1] as close,
        case when count(volume) = count(*) then sum(volume) end as volume,
        case when count(turnover) = count(*) then sum(turnover) end as turnover,
        case when count(trades) = count(*) then sum(trades)::bigint end as trades,
        true as closed,
        $7::text as aggregated_from,
        max(recv_ts) as recv_ts
    from klines k
    where k.market_id = m.market_id and k."interval" = $7 and k.ts >= $5 and k.ts < $6
    group by 2
    having count(*) = $11
) r
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by r.ts, m.exchange, m.symbol
