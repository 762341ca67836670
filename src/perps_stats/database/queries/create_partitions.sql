-- Make the parts of a fact table that hold these days, where they are missing. Days come as text: the
-- driver takes the first and the last day that Python knows for infinite.
select create_partitions($1, $2::text[]::date[])
