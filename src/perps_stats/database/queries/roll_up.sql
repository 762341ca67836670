-- Store the next hours of a rollup, not those before a time, and tell whether there may be more.
select roll_up($1, $2)
