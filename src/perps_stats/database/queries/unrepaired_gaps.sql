-- The closed gaps of an exchange that nobody is done with: $1 exchange, $2 streams, $3 the earliest end.
select
    market_id, exchange, symbol, stream, ts, end_time, cause, missed, detail, detected_at,
    repaired_at, rows_recovered
from gaps
join markets using (market_id)
where repaired_at is null and rows_recovered is null and end_time >= $3
    and exchange = $1 and stream = any($2::text[])
order by end_time, market_id, stream
