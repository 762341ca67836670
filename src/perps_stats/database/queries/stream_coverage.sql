-- For how long each stream was vouched for, and in a gap, in each step of a span.
-- A gap prevails over a mark: a session's mark reaches from its first message to its last. What is open
-- lasts. A stream that a living session hears, without an open gap, is measured up to its last mark.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 from, or where the stream begins, $6 before,
-- $7 streams, or all, $8 the step, or the whole span, $9 the sessions that live.
with wanted as materialized (
    select market_id, exchange, symbol
    from markets m
    where ($1::text is null or m.exchange = $1)
        and (
            $3::text[] is null
            or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
        )
        and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
),
marked as (
    select
        c.market_id, c.stream, min(c.first_ts) as first_ts, max(c.last_ts) as last_ts,
        range_agg(tstzrange(c.first_ts, c.last_ts)) as spans, bool_or(c.session_id = any($9)) as is_heard
    from coverage c
    join wanted using (market_id)
    where $7::text[] is null or c.stream = any($7)
    group by c.market_id, c.stream
),
broken as (
    select
        g.market_id, g.stream, min(g.ts) as first_ts, bool_or(g.end_time is null) as is_open,
        range_agg(tstzrange(g.ts, coalesce(g.end_time, 'infinity'))) as spans
    from gaps g
    join wanted using (market_id)
    where $7::text[] is null or g.stream = any($7)
    group by g.market_id, g.stream
),
streams as (
    select
        market_id, stream, coalesce(b.spans, tstzmultirange()) as gaps,
        coalesce(m.spans, tstzmultirange()) - coalesce(b.spans, tstzmultirange()) as vouched,
        coalesce($5::timestamptz, least(m.first_ts, b.first_ts)) as start_ts,
        case when m.is_heard and b.is_open is not true then least($6, m.last_ts) else $6 end as end_ts
    from marked m
    full join broken b using (market_id, stream)
)
select w.exchange, w.symbol, s.stream, part.start_ts, part.end_ts, length.vouched, length.gaps
from streams s
join wanted w using (market_id)
cross join lateral generate_series(
    coalesce(date_bin($8::interval, s.start_ts, '2000-01-01 00:00+00'), s.start_ts),
    s.end_ts - interval '1 microsecond',
    coalesce($8::interval, greatest(s.end_ts - s.start_ts, interval '1 microsecond'))
) step (ts)
cross join lateral (
    select
        greatest(step.ts, s.start_ts) as start_ts,
        case when $8 is null then s.end_ts else least(step.ts + $8, s.end_ts) end as end_ts
) part
cross join lateral (
    select
        (
            select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)
            from unnest(s.vouched * tstzmultirange(tstzrange(part.start_ts, part.end_ts))) r
        ) as vouched,
        (
            select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)
            from unnest(s.gaps * tstzmultirange(tstzrange(part.start_ts, part.end_ts))) r
        ) as gaps
) length
order by w.exchange, w.symbol, s.stream, part.start_ts
