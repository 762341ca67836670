-- Funding per 8 hours by symbol and exchange: the last rate of the kind; unknown without its interval.
with chosen as (
{chosen}
)
select
    c.symbol,
    c.exchange || case when c.simulated then ' (simulated)' else '' end as exchange,
    f.funding_rate / f.funding_interval * 8 as funding_8h
from chosen c
cross join lateral (
    select r.funding_rate, r.funding_interval
    from funding_rates r
    where r.market_id = c.market_id and r.kind = any(array[$kind]::text[])
    order by r.ts desc
    limit 1
) f
order by 1, 2
