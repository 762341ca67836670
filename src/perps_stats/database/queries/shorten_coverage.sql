-- Nothing before this time is stored any more. Marks of sessions that may have crashed stay.
update coverage set first_ts = $1 where first_ts < $1 and last_ts >= $1
