-- Settled rates are few among many estimates: where they begin, end and lack is read from them alone.

create index settled_funding_rates on funding_rates (market_id, ts) where kind = 'settled';
