-- Trades, and those of a number that another time has, too: $1 market, $2 from, $3 before.
select
    'numbers of trades' as what, sum(times)::bigint as rows, min(ts) filter (where times > 1) as ts,
    coalesce(sum(times - 1), 0)::bigint as wrong, 'a trade at more than one time' as stored, 'one' as derived
from (
    select min(ts) as ts, count(*) as times
    from trades
    where market_id = $1 and ts >= coalesce($2::timestamptz, '-infinity') and ts < $3
    group by id
) numbers
having count(*) > 0
