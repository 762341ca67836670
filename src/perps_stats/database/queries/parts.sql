-- The parts of a table that hold its rows, the newest first; a table without parts is its own. With a
-- guess of the rows: the planner's, scaled to the present size, else what the server has counted since it
-- started; none of columns. `changed`: rows came or went since the planner looked.
with recursive family (oid) as (
    select $1::text::regclass::oid
    union all
    select i.inhrelid from pg_inherits i join family f on i.inhparent = f.oid
)
select
    c.oid::regclass::text as part,
    coalesce(p.bytes, pg_total_relation_size(c.oid))::bigint as bytes,
    case
        when p.columnar then null
        when pg_relation_size(c.oid) = 0 then 0
        when c.reltuples >= 0 and c.relpages > 0 then
            pg_relation_size(c.oid) / current_setting('block_size')::integer * c.reltuples / c.relpages
        else nullif(pg_stat_get_live_tuples(c.oid), 0)
    end::bigint as guess,
    coalesce(pg_stat_get_mod_since_analyze(c.oid), 0) > 0 as changed,
    coalesce(p.columnar, false) as columnar,
    p.first_ts,
    p.end_ts
from family
join pg_class c using (oid)
left join partitions p on p.fact = $1 and to_regclass(p.part) = c.oid
where c.relkind = 'r' and not exists (select from pg_inherits i where i.inhparent = c.oid)
order by p.end_ts desc nulls first
