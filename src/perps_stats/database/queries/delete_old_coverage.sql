-- Marks of ended sessions that lie before a time altogether.
delete from coverage c using sessions s
where c.session_id = s.session_id and c.last_ts < $1
    and (s.ended_at is not null or s.crash_told_at is not null)
