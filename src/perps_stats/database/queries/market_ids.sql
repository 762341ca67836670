-- The numbers of the markets of exchanges.
select exchange, symbol, native, market_id from markets where exchange = any($1::text[])
