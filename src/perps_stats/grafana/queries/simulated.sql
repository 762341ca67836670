-- Whether any of the chosen exchanges is simulated, and which.
select coalesce('SIMULATED: ' || string_agg(name, ', ' order by name), 'not simulated') as data
from exchanges
where simulated and name = any(array[$exchange]::text[])
