-- Contradictions of rows that are no longer stored. $1 before, $2 data sets.
delete from contradictions where ts < $1 and data_set = any($2::text[])
