-- The rows of a market in a span, in the order of time, as they stand in a file.
-- $1 exchange, $2 symbol, $3 from, $4 before, $5 intervals, $6 the market's number.
select $1::text, $2::text, {columns}
from {table} r
where r.market_id = $6
    and (r.ts >= coalesce($3::text::timestamptz, '-infinity'){reaching})
    and r.ts < coalesce($4::text::timestamptz, 'infinity')
    and ($5::text[] is null or {interval} = any($5::text[]))
order by {row_keys}
