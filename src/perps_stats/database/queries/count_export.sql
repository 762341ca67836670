-- How many rows of each market lie in a span, from when to when.
-- $1 and $2 exchanges and symbols, $3 from, $4 before, $5 intervals.
select m.market_id, m.exchange, m.symbol, r.rows, r.first_ts, r.last_ts
from markets m
cross join lateral (
    select count(*) as rows, min(r.ts) as first_ts, max(r.ts) as last_ts
    from {table} r
    where r.market_id = m.market_id
        and (r.ts >= coalesce($3::text::timestamptz, '-infinity'){reaching})
        and r.ts < coalesce($4::text::timestamptz, 'infinity')
        and ($5::text[] is null or {interval} = any($5::text[]))
) r
where r.rows > 0
    and (
        $1::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($1::text[], $2::text[]))
    )
order by m.exchange, m.symbol
