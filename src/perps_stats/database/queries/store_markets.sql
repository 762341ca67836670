-- Learn markets, or what has changed about them.
insert into markets as known (
    exchange, symbol, native, contract, base, quote, settle, wire_id, contract_size,
    contract_value, multiplier, price_scale, quantity_scale, tick_size, lot_size,
    min_order_qty, max_order_qty, min_order_value, max_leverage, funding_interval, maker_fee,
    taker_fee, status
)
select
    exchange, symbol, native, contract, base, quote, settle, wire_id, contract_size,
    contract_value, multiplier, price_scale, quantity_scale, tick_size, lot_size,
    min_order_qty, max_order_qty, min_order_value, max_leverage, funding_interval, maker_fee,
    taker_fee, status
from json_populate_recordset(null::markets, $1::text::json)
on conflict (exchange, native) do update set (
    symbol, contract, base, quote, settle, wire_id, contract_size, contract_value, multiplier,
    price_scale, quantity_scale, tick_size, lot_size, min_order_qty, max_order_qty,
    min_order_value, max_leverage, funding_interval, maker_fee, taker_fee, status
) = (
    excluded.symbol, excluded.contract, excluded.base, excluded.quote, excluded.settle,
    excluded.wire_id, excluded.contract_size, excluded.contract_value, excluded.multiplier,
    excluded.price_scale, excluded.quantity_scale, excluded.tick_size, excluded.lot_size,
    excluded.min_order_qty, excluded.max_order_qty, excluded.min_order_value,
    excluded.max_leverage, excluded.funding_interval, excluded.maker_fee, excluded.taker_fee,
    excluded.status
)
where (
    known.symbol, known.contract, known.base, known.quote, known.settle, known.wire_id,
    known.contract_size, known.contract_value, known.multiplier, known.price_scale,
    known.quantity_scale, known.tick_size, known.lot_size, known.min_order_qty,
    known.max_order_qty, known.min_order_value, known.max_leverage, known.funding_interval,
    known.maker_fee, known.taker_fee, known.status
) is distinct from (
    excluded.symbol, excluded.contract, excluded.base, excluded.quote, excluded.settle,
    excluded.wire_id, excluded.contract_size, excluded.contract_value, excluded.multiplier,
    excluded.price_scale, excluded.quantity_scale, excluded.tick_size, excluded.lot_size,
    excluded.min_order_qty, excluded.max_order_qty, excluded.min_order_value,
    excluded.max_leverage, excluded.funding_interval, excluded.maker_fee, excluded.taker_fee,
    excluded.status
)
