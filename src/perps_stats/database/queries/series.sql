-- The series of a data set that are stored or were asked for, and from when to when they reach in a
-- span. A series is what a market has of one interval or kind.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 from, $6 before, $7 intervals or kinds.
select
    m.market_id, m.exchange, m.symbol, s.variant, p.earliest_ts, earliest.ts as first_ts, latest.ts as last_ts
from markets m
cross join unnest($7::text[]) s (variant)
left join backfill_progress p
    on p.market_id = m.market_id and p.data_set = '{data_set}' and p."interval" = {progress}
left join lateral (
    select ts
    from {table} r
    where r.market_id = m.market_id and {same} and ts >= coalesce($5::timestamptz, '-infinity') and ts < $6
    order by ts
    limit 1
) earliest on true
left join lateral (
    select ts
    from {table} r
    where r.market_id = m.market_id and {same} and ts >= earliest.ts and ts < $6
    order by ts desc
    limit 1
) latest on earliest.ts is not null
where (earliest.ts is not null or p.market_id is not null)
    and ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol, array_position($7::text[], s.variant)
