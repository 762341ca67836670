-- What TimescaleDB does by itself: drops what is so old, turns what is so old into columns, and looks for
-- late hours so far back.
call keep_policies($1, $2, $3, $4)
