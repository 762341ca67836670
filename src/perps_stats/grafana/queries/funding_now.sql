-- The last funding of each chosen market, estimated and settled, with the exchange's own times.
with chosen as (
{chosen}
)
select
    c.market as "market",
    k.kind as "kind",
    f.funding_rate as "rate",
    f.funding_interval as "interval",
    f.funding_rate / f.funding_interval as "per hour",
    f.funding_rate / f.funding_interval * 8 as "8 h",
    f.funding_rate / f.funding_interval * 8760 as "year",
    f.funding_time as "settles",
    f.ts as "told at"
from chosen c
cross join (values ('predicted'), ('settled')) k (kind)
cross join lateral (
    select *
    from funding_rates r
    where r.market_id = c.market_id and r.kind = k.kind
    order by r.ts desc
    limit 1
) f
order by 1, 2
