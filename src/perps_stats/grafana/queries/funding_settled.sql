-- Settled funding over time, as a rate per 8 hours; none is between two settlements.
with chosen as (
{chosen}
)
select
    r.ts as "time",
    c.market as metric,
    r.funding_rate / r.funding_interval * 8 as value
from chosen c
join funding_rates r using (market_id)
where r.kind = 'settled' and $__timeFilter(r.ts)
order by 1
