-- Make the parts of a fact table that hold these days, where they are missing.
select create_partitions($1, $2)
