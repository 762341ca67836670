-- Nothing of these streams before this time is stored any more. Marks of sessions that may have crashed
-- stay. $1 the time, $2 streams, or all.
update coverage set first_ts = $1
where first_ts < $1 and last_ts >= $1 and ($2::text[] is null or stream = any($2))
