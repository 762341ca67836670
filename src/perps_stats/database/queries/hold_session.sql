-- Take the lock of a session again after its connection was lost, and withdraw a told crash.
with held as materialized (select pg_advisory_lock(1886680691, $1))
update sessions set crash_told_at = null
where session_id = $1 and crash_told_at is not null and exists (select from held)
