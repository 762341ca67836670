-- The markets of an exchange and a symbol, in any of its names.
select
    market_id,
    exchange, symbol, native, contract, base, quote, settle, wire_id, contract_size,
    contract_value, multiplier, price_scale, quantity_scale, tick_size, lot_size,
    min_order_qty, max_order_qty, min_order_value, max_leverage, funding_interval, maker_fee,
    taker_fee, status
from markets
where ($1::text is null or exchange = $1)
    and ($2::text is null or upper($2) in (upper(symbol), upper(contract), upper(native)))
order by exchange, symbol
