-- Marks of ended sessions that lie before a time altogether. $1 the time, $2 streams, or all.
delete from coverage c using sessions s
where c.session_id = s.session_id and c.last_ts < $1 and ($2::text[] is null or c.stream = any($2))
    and (s.ended_at is not null or s.crash_told_at is not null)
