-- The rows of a market and span that no stream has brought: $1 market, $2 from, $3 before, $4 interval
-- or kind.
select count(*)
from {table} r
where r.market_id = $1 and r.ts >= $2 and r.ts < $3 and r.recv_ts is null and {same}
