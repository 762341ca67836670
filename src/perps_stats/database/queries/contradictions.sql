-- The contradictions that were seen last. $1 how many.
select
    m.exchange, m.symbol, c.data_set, c.ts, c.key::text, c.stored::text, c.offered::text,
    c.first_seen_at, c.last_seen_at, c.times
from contradictions c join markets m using (market_id)
order by c.last_seen_at desc, c.data_set, m.exchange, m.symbol, c.ts, c.fingerprint
limit $1
