-- The next may.
select pg_advisory_unlock(hashtextextended('perps-stats migration', 0))
