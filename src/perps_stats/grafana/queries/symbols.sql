-- The symbols of the chosen exchanges.
select distinct symbol from markets where exchange = any(array[$exchange]::text[]) order by 1
