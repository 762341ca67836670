-- Whether the tables can be read at all.
select from markets limit 0
