-- The amounts of which slippage was sampled last.
with chosen as (
{chosen}
)
select r.trade_amount::text
from chosen c
cross join lateral (
    select s.ts from slippage s where s.market_id = c.market_id order by s.ts desc limit 1
) last
join slippage r on r.market_id = c.market_id and r.ts = last.ts
group by r.trade_amount
order by r.trade_amount
