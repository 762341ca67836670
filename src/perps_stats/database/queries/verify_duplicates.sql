-- Rows, and those of which there are several with what tells rows apart: $1 market, $2 from, $3 before.
select
    '{name}' as what, sum(times)::bigint as rows, min(ts) filter (where times > 1) as ts,
    coalesce(sum(times - 1), 0)::bigint as wrong, 'a row more than once' as stored, 'once' as derived
from (
    select min(ts) as ts, count(*) as times
    from {table}
    where market_id = $1 and ts >= coalesce($2::timestamptz, '-infinity') and ts < $3
    group by {key}
) keys
having count(*) > 0
