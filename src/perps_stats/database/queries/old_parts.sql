-- The parts that end at or before a time; all for null.
select fact, part, pg_total_relation_size(to_regclass(part)) as bytes
from partitions
where $1::timestamptz is null or end_ts <= $1
order by fact, part
