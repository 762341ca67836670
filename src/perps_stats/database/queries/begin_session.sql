-- A new session. The lock stays with the connection: it tells a live session from a dead one.
with begun as (insert into sessions default values returning session_id)
select session_id, pg_advisory_lock(1886680691, session_id) from begun
