-- What was filled back before this time is no longer stored.
update backfill_progress set first_ts = $1, end_ts = greatest(end_ts, $1), updated_at = now()
where first_ts < $1
