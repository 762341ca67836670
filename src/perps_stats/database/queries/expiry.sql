-- Before this time the parts of a table are expired: $2, or where the part begins that reaches across it.
select coalesce(min(first_ts), $2::timestamptz) from partitions
where fact = $1 and first_ts <= $2 and end_ts > $2
