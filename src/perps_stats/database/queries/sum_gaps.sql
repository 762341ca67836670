-- The gaps of a span by stream and cause; one that is open lasts until $9.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 from, $6 before, $7 streams, $8 causes,
-- $10 whether they are open, $11 whether they are unrepaired, $12 the sessions that live.
select
    g.stream, g.cause, count(*) as gaps,
    count(*) filter (where g.end_time is null) as open,
    count(*) filter (
        where g.end_time is null and exists (
            select from coverage c
            where c.market_id = g.market_id and c.stream = g.stream and c.session_id = any($12)
        )
    ) as collected,
    count(*) filter (where g.repaired_at is null) as unrepaired,
    sum(extract(epoch from greatest(coalesce(g.end_time, $9::timestamptz), g.ts) - g.ts)) as seconds,
    sum(g.missed)::bigint as missed,
    sum(g.rows_recovered)::bigint as rows_recovered
from gaps g
join markets m using (market_id)
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
    and (
        g.ts >= coalesce($5::timestamptz, '-infinity') or coalesce(g.end_time, 'infinity') > $5
    )
    and g.ts < coalesce($6::timestamptz, 'infinity')
    and ($7::text[] is null or g.stream = any($7))
    and ($8::text[] is null or g.cause = any($8))
    and ($10::boolean is null or (g.end_time is null) = $10)
    and ($11::boolean is null or (g.repaired_at is null) = $11)
group by g.stream, g.cause
order by g.stream, g.cause
