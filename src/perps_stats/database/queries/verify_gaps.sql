-- Rows of a book, and those that lie inside a gap of it: $1 market, $2 from, $3 before. The state at which
-- a gap begins was good, and so is the one that ends it.
select
    '{name}' as what, count(*) as rows, min(r.ts) filter (where is_inside) as ts,
    count(*) filter (where is_inside) as wrong, 'a row inside a gap of the book' as stored, 'none' as derived
from {table} r
cross join (
    select coalesce(
        range_agg(tstzrange(ts, coalesce(end_time, 'infinity'), '()')), tstzmultirange()
    ) as spans
    from gaps
    where market_id = $1 and stream = 'orderbook'
) g
cross join lateral (select g.spans @> r.ts as is_inside) i
where r.market_id = $1 and r.ts >= coalesce($2::timestamptz, '-infinity') and r.ts < $3
having count(*) > 0
