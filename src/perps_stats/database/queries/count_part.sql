-- The rows of a part.
select count(*) from {part}
