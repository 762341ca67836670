-- The rows of markets since a time of each, in the order of time.
-- $1 and $2 exchanges and symbols, $3 since when of each, $4 the most rows of one.
select m.exchange, m.symbol, {columns}
from unnest($1::text[], $2::text[], $3::timestamptz[]) as wanted (exchange, symbol, since)
join markets m on m.exchange = wanted.exchange and m.symbol = wanted.symbol
cross join lateral (
    select *
    from {table} r
    where r.market_id = m.market_id and r.ts >= wanted.since
    order by {row_keys}
    limit $4
) r
order by {row_keys}
