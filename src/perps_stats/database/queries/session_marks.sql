-- How far each stream of a session is acknowledged.
select market_id, stream, first_ts, last_ts from coverage where session_id = $1
order by market_id, stream
