-- Settled funding minus what was estimated last before it, in basis points of the position.
with chosen as (
{chosen}
)
select
    s.ts as "time",
    c.market as "market",
    s.funding_rate as "settled",
    p.funding_rate as "estimated",
    (s.funding_rate - p.funding_rate) * 10000 as "difference",
    extract(epoch from s.ts - p.ts) as "estimated before"
from chosen c
join funding_rates s using (market_id)
left join lateral (
    select r.ts, r.funding_rate
    from funding_rates r
    where r.market_id = c.market_id
        and r.kind = 'predicted'
        and r.ts < s.ts
        and r.ts >= s.ts - s.funding_interval * interval '1 hour'
        and (
            r.funding_time is null
            or r.funding_time between s.ts - interval '1 minute' and s.ts + interval '1 minute'
        )
    order by r.ts desc
    limit 1
) p on true
where s.kind = 'settled' and $__timeFilter(s.ts)
order by 1, 2
