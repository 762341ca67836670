-- The numbers and names of markets: $1 exchange, $2 symbol, $3 and $4 exchanges and symbols.
select market_id, exchange, symbol
from markets m
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol
