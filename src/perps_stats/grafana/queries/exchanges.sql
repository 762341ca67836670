-- The exchanges of which something is stored.
select name from exchanges order by 1
