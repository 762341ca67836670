-- Estimated funding over time, as a rate per 8 hours: its mean over each step.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market as metric,
    avg(r.funding_rate / r.funding_interval * 8) as value
from chosen c
join funding_rates r using (market_id)
where r.kind = 'predicted' and r.funding_interval is not null and $__timeFilter(r.ts)
group by 1, 2
order by 1
