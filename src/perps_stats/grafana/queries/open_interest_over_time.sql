-- Open interest over time, in quote, one side: its mean over each step.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market as metric,
    avg(r.open_value) as value
from chosen c
join open_interest r using (market_id)
where $__timeFilter(r.ts) and r.open_value is not null
group by 1, 2
order by 1
