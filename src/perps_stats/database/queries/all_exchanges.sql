-- Every exchange that we hold markets of.
select name, simulated from exchanges order by name
