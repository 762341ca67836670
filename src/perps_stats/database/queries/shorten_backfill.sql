-- What was filled back before this time is no longer stored.
update backfill_progress
set covered = covered - tstzmultirange(tstzrange(null, $1)), updated_at = now()
where covered && tstzrange(null, $1)
