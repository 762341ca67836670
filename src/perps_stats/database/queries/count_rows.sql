-- The rows of a table, by market.
select m.exchange, m.symbol, count(*) as rows
from {table} r join markets m using (market_id)
group by m.exchange, m.symbol
