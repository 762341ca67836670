-- The sessions that are collecting now: their lock is held.
select s.session_id
from sessions s
join pg_locks l on l.locktype = 'advisory' and l.classid = 1886680691 and l.objid = s.session_id::oid
where s.ended_at is null and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
order by 1
