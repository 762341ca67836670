-- The rows of a table before a time, beside those in parts that will be dropped whole.
select count(*) from {table} r
where r.ts < $1 and r.ts >= coalesce(
    (select max(end_ts) from partitions where fact = '{table}' and end_ts <= $1), '-infinity'
)
