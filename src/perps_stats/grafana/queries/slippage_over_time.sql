-- What taking an amount cost over time: the first sample of each step, so that years ask for no more rows
-- than a day does. An amount that could not be filled has no cost.
with chosen as (
{chosen}
)
select
    $__timeGroupAlias(r.ts,$__interval,NULL),
    c.market || ' ' || r.side || ' ' || r.trade_amount as metric,
    avg(r.slippage_bps) as value
from chosen c
cross join generate_series(
    date_bin('$__interval', $__timeFrom()::timestamptz, '1970-01-01 00:00+00'),
    $__timeTo()::timestamptz,
    '$__interval'::interval
) step (ts)
cross join lateral (
    select s.ts
    from slippage s
    where s.market_id = c.market_id and s.ts >= step.ts and s.ts < step.ts + '$__interval'::interval
    order by s.ts
    limit 1
) first
join slippage r on r.market_id = c.market_id and r.ts = first.ts
where r.side = any(array[$taker]::text[]) and r.trade_amount::text = any(array[$amount]::text[])
group by 1, 2
order by 1
