-- The chosen markets, under the names that legends show: simulated ones say so.
select
    m.market_id, m.exchange, m.symbol, e.simulated,
    m.exchange || ' ' || m.symbol || case when e.simulated then ' (simulated)' else '' end as market
from markets m
join exchanges e on e.name = m.exchange
where m.exchange = any(array[$exchange]::text[]){of_symbols}
