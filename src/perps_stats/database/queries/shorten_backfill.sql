-- What was filled back before this time is no longer stored. $1 the time, $2 data sets.
update backfill_progress
set covered = covered - tstzmultirange(tstzrange(null, $1)), updated_at = now()
where covered && tstzrange(null, $1) and data_set = any($2::text[])
