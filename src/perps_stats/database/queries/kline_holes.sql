-- Of each series of candles the rows in a span, and the spans without: those that the exchange was
-- asked for and had nothing, and those that nobody answered.
-- $1 markets, $2 intervals, $3 their lengths, $4 from, $5 before: one element a series.
select
    found.rows,
    found.holes * coalesce(p.covered, tstzmultirange()) as answered,
    found.holes - coalesce(p.covered, tstzmultirange()) as unanswered
from unnest($1::integer[], $2::text[], $3::interval[], $4::timestamptz[], $5::timestamptz[])
    with ordinality s (market_id, "interval", step, start_ts, end_ts, place)
left join backfill_progress p
    on p.market_id = s.market_id and p."interval" = s."interval" and p.data_set = 'klines'
cross join lateral (
    select
        count(*) as rows,
        tstzmultirange(tstzrange(s.start_ts, coalesce(min(ts), s.end_ts)))
        + coalesce(
            range_agg(tstzrange(ts + s.step, next_ts)) filter (where next_ts > ts + s.step), tstzmultirange()
        ) as holes
    from (
        select ts, lead(ts, 1, s.end_ts) over (order by ts) as next_ts
        from klines k
        where k.market_id = s.market_id and k."interval" = s."interval"
            and ts >= s.start_ts and ts < s.end_ts
    ) candle
) found
order by s.place
