-- The tables of the program, each whole table once and not its parts.
select c.relname::text as name
from pg_class c
where c.relkind in ('r', 'p') and not c.relispartition
    and c.relnamespace = current_schema()::regnamespace
order by 1
