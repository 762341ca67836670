-- The last marks of sessions that have no end and whose lock is free; they are told now.
with open_sessions as materialized (
    select session_id from sessions where ended_at is null and crash_told_at is null
),
dead as materialized (
    select session_id from open_sessions where pg_try_advisory_xact_lock(1886680691, session_id)
),
told as (
    update sessions set crash_told_at = now()
    where session_id in (select session_id from dead) and ended_at is null and crash_told_at is null
    returning session_id
)
select distinct on (market_id, stream) market_id, stream, first_ts, last_ts
from coverage join told using (session_id)
order by market_id, stream, last_ts desc
