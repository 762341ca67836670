-- Open a crash gap at the last mark of each stream whose session died: it has no end and its lock is
-- free. Where another session saw that moment and went on, nothing was missed.
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
),
marks as (
    select distinct on (market_id, stream) session_id, market_id, stream, last_ts
    from coverage join told using (session_id)
    order by market_id, stream, last_ts desc
),
listed as (
    insert into gaps (market_id, stream, ts, cause, detail, detected_at)
    select market_id, stream, last_ts, 'crash', 'the collector died without a stop', now()
    from marks m
    where not exists (
        select from coverage c
        where c.market_id = m.market_id and c.stream = m.stream and c.session_id <> m.session_id
            and c.first_ts <= m.last_ts and c.last_ts > m.last_ts
    )
    -- a gap that ended where the crash began goes on
    on conflict (market_id, ts, stream) do update set
        end_time = null, repaired_at = null, rows_recovered = null
        where gaps.end_time is not null
    returning 1
)
select count(*) from listed
