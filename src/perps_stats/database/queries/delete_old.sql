-- Delete the rows of a table before a time.
delete from {table} where ts < $1
