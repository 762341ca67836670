-- Where TimescaleDB is at hand the fact tables become hypertables: their parts are chunks, made by
-- the server when rows come, and turned into columns when they are old. Elsewhere nothing changes.

do $$
declare
    kind text := 'postgresql';
begin
    if exists (select from pg_available_extensions where name = 'timescaledb') then
        begin
            create extension if not exists timescaledb;
            perform set_config(
                'search_path',
                concat_ws(', ', nullif(current_setting('search_path'), ''), extnamespace::regnamespace),
                true
            )
            from pg_extension
            where extname = 'timescaledb'
                and extnamespace::regnamespace::text <> all (current_schemas(false));
            -- Under the licence `apache` it has neither columns nor continuous aggregates.
            if current_setting('timescaledb.license', true) = 'timescale' then
                kind := 'timescaledb';
            end if;
        exception when others then
            raise warning 'TimescaleDB is offered, but cannot be used: %', sqlerrm;
        end;
    end if;
    execute format(
        'create function engine() returns text language sql immutable as %L', format('select %L', kind)
    );
end
$$;
comment on function engine() is 'postgresql or timescaledb: what the tables were made for';

-- A fact becomes a hypertable with the same columns, checks, key and indexes under the same names. The
-- key says how columns are laid out: by what stands before the time, in the order of time.
create procedure make_hypertable(fact text, period interval) language plpgsql as $$
declare
    indexes text[] := (
        select array_agg(replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON '))
        from pg_index where indrelid = fact::regclass and not indisprimary
    );
    key text := (
        select format('alter table %I add constraint %I %s', fact, conname, pg_get_constraintdef(oid))
        from pg_constraint where conrelid = fact::regclass and contype = 'p'
    );
    segments text;
    sorting text;
    index text;
begin
    select
        string_agg(quote_ident(attname), ',' order by place) filter (where place < time),
        string_agg(quote_ident(attname), ',' order by place) filter (where place >= time)
    into segments, sorting
    from (
        select a.attname, k.place, max(k.place) filter (where a.attname = 'ts') over () as time
        from pg_index i
        cross join lateral unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = fact::regclass and i.indisprimary
    ) columns;
    execute format('lock table %I in access exclusive mode', fact);
    execute format('alter table %I rename to %I', fact, fact || '_native');
    execute format('create table %I (like %I including all excluding indexes)', fact, fact || '_native');
    perform create_hypertable(fact::regclass, by_range('ts', period), create_default_indexes => false);
    execute format('insert into %I select * from %I', fact, fact || '_native');
    execute format('drop table %I', fact || '_native');
    execute key;
    foreach index in array coalesce(indexes, '{}') loop
        execute index;
    end loop;
    execute format(
        'alter table %I set (timescaledb.enable_columnstore, timescaledb.segmentby = %L, timescaledb.orderby = %L)',
        fact, segments, sorting
    );
end
$$;

do $$
declare
    p partitioning;
begin
    if engine() = 'timescaledb' then
        for p in select * from partitioning order by fact loop
            call make_hypertable(p.fact, p.period);
        end loop;
    end if;
end
$$;
drop procedure make_hypertable;

-- The parts of the facts in either engine. `part` is a name that SQL understands; `columnar`: its rows
-- lie in columns, where the planner's guess of them and the size of the table itself say little.
drop view partitions;
do $$
begin
    if engine() = 'timescaledb' then
        create or replace function create_partitions(fact text, days date[]) returns void
        language sql as '-- The server makes chunks when rows come.';

        create view partitions as
        select
            p.fact,
            format('%I.%I', c.chunk_schema, c.chunk_name) as part,
            c.range_start as first_ts,
            c.range_end as end_ts,
            s.total_bytes as bytes,
            c.is_compressed as columnar
        from partitioning p
        cross join lateral chunks_detailed_size(to_regclass(p.fact)) s
        join timescaledb_information.chunks c
            on c.chunk_schema = s.chunk_schema and c.chunk_name = s.chunk_name;
    else
        create view partitions as
        select
            p.fact,
            i.inhrelid::regclass::text as part,
            first.ts at time zone 'UTC' as first_ts,
            (first.ts + p.period) at time zone 'UTC' as end_ts,
            pg_total_relation_size(i.inhrelid) as bytes,
            false as columnar
        from partitioning p
        join pg_inherits i on i.inhparent = to_regclass(p.fact)
        join pg_class c on c.oid = i.inhrelid
        cross join lateral (
            select to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp
        ) first (ts);
    end if;
end
$$;
