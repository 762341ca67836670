-- Rows that a stream brought, and those beyond what any session has acknowledged: $1 market, $2 from,
-- $3 before. Rows and marks are written in one transaction.
select
    '{name}' as what, count(*) as rows, min(r.ts) filter (where not is_marked) as ts,
    count(*) filter (where not is_marked) as wrong,
    'a row of a stream outside its marks' as stored, 'none' as derived
from {table} r
cross join (
    select coalesce(range_agg(tstzrange(first_ts, last_ts, '[]')), tstzmultirange()) as spans
    from coverage
    where market_id = $1 and stream = '{stream}'
) m
cross join lateral (select m.spans @> r.ts as is_marked) i
where r.market_id = $1 and r.recv_ts is not null
    and r.ts >= coalesce($2::timestamptz, '-infinity') and r.ts < $3
having count(*) > 0
