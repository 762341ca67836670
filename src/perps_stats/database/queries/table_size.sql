-- The bytes of a table with its parts and indexes, and the planner's guess of its rows.
with parts as (
    select c.oid, c.reltuples from pg_class c where c.oid = $1::text::regclass and c.relkind = 'r'
    union all
    select c.oid, c.reltuples
    from pg_partition_tree($1::text::regclass) p join pg_class c on c.oid = p.relid
    where p.isleaf
)
select
    coalesce(sum(pg_total_relation_size(oid)), 0)::bigint as bytes,
    case when bool_or(reltuples < 0) then null else coalesce(sum(reltuples), 0)::bigint end as guess,
    count(*) as parts
from parts
