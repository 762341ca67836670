-- The parts of a table, the newest first; a table without parts is its own. With the planner's guess of
-- the rows, scaled to the present size, and whether any came or went since. Of rows that lie in columns
-- it knows nothing.
with family as (
    select p.part::regclass::oid as oid, p.first_ts, p.end_ts, p.bytes, p.columnar
    from partitions p
    where p.fact = $1
    union all
    select t.oid, null, null, pg_total_relation_size(t.oid), false
    from (select $1::text::regclass::oid) t (oid)
    where not exists (select from partitioning where fact = $1)
)
select
    c.oid::regclass::text as part,
    f.bytes,
    case
        when f.columnar then null
        when pg_relation_size(c.oid) = 0 then 0
        when c.reltuples >= 0 and c.relpages > 0 then
            pg_relation_size(c.oid) / current_setting('block_size')::integer * c.reltuples / c.relpages
        else nullif(pg_stat_get_live_tuples(c.oid), 0)
    end::bigint as guess,
    coalesce(pg_stat_get_mod_since_analyze(c.oid), 0) > 0 as changed,
    f.first_ts,
    f.end_ts
from family f
join pg_class c using (oid)
order by f.end_ts desc nulls first
