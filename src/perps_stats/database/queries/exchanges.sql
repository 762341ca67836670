-- Where the data of these exchanges comes from.
select name, simulated from exchanges where name = any($1::text[])
