-- Of the time that was sampled: how much all bands were exact, some a floor, the book in doubt.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    sum(r.exact_seconds) / sum(r.exact_seconds + r.floor_seconds + r.suspect_seconds) as "exact",
    sum(r.floor_seconds) / sum(r.exact_seconds + r.floor_seconds + r.suspect_seconds) as "some a floor",
    sum(r.suspect_seconds) / sum(r.exact_seconds + r.floor_seconds + r.suspect_seconds) as "in doubt"
from chosen c
join liquidity_averages r using (market_id)
where $__timeFilter(r.ts)
group by 1
order by 1
