-- The slippages of each stored book: $1 market, $2 from, $3 before.
select
    b.ts, b.bid_prices, b.bid_quantities, b.ask_prices, b.ask_quantities, b.complete as is_whole, s.side,
    s.trade_amount, s.reference, s.reference_price, s.avg_price, s.slippage_bps, s.slippage_pct,
    s.fillable, s.max_amount
from orderbooks b
cross join lateral (
    select
        array_agg(side) as side, array_agg(trade_amount) as trade_amount, array_agg(reference) as reference,
        array_agg(reference_price) as reference_price, array_agg(avg_price) as avg_price,
        array_agg(slippage_bps) as slippage_bps, array_agg(slippage_pct) as slippage_pct,
        array_agg(fillable) as fillable, array_agg(max_amount) as max_amount
    from slippage s
    where s.market_id = b.market_id and s.ts = b.ts
) s
where b.market_id = $1 and b.ts >= coalesce($2::timestamptz, '-infinity') and b.ts < $3
    and s.side is not null
order by b.ts
