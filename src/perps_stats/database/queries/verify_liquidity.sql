-- Liquidity beside the stored book of the same moment: $1 market, $2 from, $3 before.
select
    d.*, b.bid_prices, b.bid_quantities, b.ask_prices, b.ask_quantities, b.complete as is_whole
from liquidity_depth d
join orderbooks b on b.market_id = d.market_id and b.ts = d.ts
where d.market_id = $1 and d.ts >= coalesce($2::timestamptz, '-infinity') and d.ts < $3
order by d.ts
