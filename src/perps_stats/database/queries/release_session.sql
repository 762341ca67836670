-- The session no longer lives.
select pg_advisory_unlock(1886680691, $1)
