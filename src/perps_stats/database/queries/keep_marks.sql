-- How far each stream is acknowledged in a session. A session that writes lives: if somebody took it
-- for crashed while the server was away, that is withdrawn.
with alive as (
    update sessions set crash_told_at = null where session_id = $1 and crash_told_at is not null
)
insert into coverage as known (session_id, market_id, stream, first_ts, last_ts)
select $1, market_id, stream, min(first_ts), max(last_ts)
from unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    as mark (market_id, stream, first_ts, last_ts)
group by market_id, stream
order by market_id, stream
on conflict (session_id, market_id, stream) do update set
    first_ts = least(known.first_ts, excluded.first_ts),
    last_ts = greatest(known.last_ts, excluded.last_ts)
