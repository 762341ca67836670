-- The symbols of the chosen exchanges.
select distinct symbol from markets where exchange in ($exchange) order by 1
