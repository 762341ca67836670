-- The parts of these tables that end at or before a time; all for null. $1 the time, $2 tables.
select fact, part, bytes
from partitions
where ($1::timestamptz is null or end_ts <= $1) and fact = any($2::text[])
order by fact, part
