-- From when to when a table holds rows of each market.
select m.market_id, m.exchange, m.symbol, earliest.ts as first_ts, latest.ts as last_ts
from markets m
cross join lateral (
    select ts from {table} where market_id = m.market_id order by ts limit 1
) earliest
cross join lateral (
    select ts from {table} where market_id = m.market_id order by ts desc limit 1
) latest
order by m.exchange, m.symbol
