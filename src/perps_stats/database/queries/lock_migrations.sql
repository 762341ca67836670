-- One process migrates at a time.
select pg_advisory_lock(hashtextextended('perps-stats migration', 0))
