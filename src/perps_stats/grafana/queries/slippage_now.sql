-- What taking each amount cost in the last stored sample.
with chosen as (
{chosen}
)
select
    c.market as "market",
    r.side as "side",
    r.trade_amount as "amount",
    r.slippage_bps as "slippage",
    r.avg_price as "average price",
    r.reference as "against",
    case r.fillable when true then 'yes' when false then 'no' end as "fillable",
    r.max_amount as "most that fills",
    case when r.max_amount is null then null when r.fillable is null then 'at least' else 'exact' end as "most is",
    r.ts as "book at"
from chosen c
cross join lateral (
    select s.ts from slippage s where s.market_id = c.market_id order by s.ts desc limit 1
) last
join slippage r on r.market_id = c.market_id and r.ts = last.ts
where r.side = any(array[$taker]::text[]) and r.trade_amount::text = any(array[$amount]::text[])
order by 1, 2, 3
