-- Hourly figures: `tickers_1h`, `liquidity_1h`, and `klines_1h` of stored candles of a minute. What is
-- unknown is left out of a mean and not counted in its samples; a sum of which a part is unknown is
-- unknown. Hours that are not over, or not rolled up yet, are computed when they are asked for. A row
-- that comes, changes or goes late is seen after the next maintenance.
--
-- TimescaleDB keeps them as continuous aggregates, and then the notes below stay empty. Elsewhere there are
-- a table of stored hours, a note of the hours that changed after they were stored, and a view that reads
-- on from where the stored hours end.

-- What TimescaleDB brings may lie in another schema than our tables.
select set_config(
    'search_path',
    concat_ws(', ', nullif(current_setting('search_path'), ''), extnamespace::regnamespace),
    true
)
from pg_extension
where extname = 'timescaledb'
    and extnamespace::regnamespace::text <> all (current_schemas(false));

create table rollups (
    name text primary key,
    fact text not null unique references partitioning,
    figures text not null,
    condition text not null default 'true',
    noted_to timestamptz not null default '-infinity',
    rolled_to timestamptz not null default '-infinity'
);
comment on column rollups.figures is 'what is selected of an hour''s rows, beside market and hour';
comment on column rollups.noted_to is 'what changes before this time is noted in late_hours';
comment on column rollups.rolled_to is 'the hours before this time are stored';

create function figures_of(name text, value text) returns text language sql immutable as $$
    select format(
        'avg(%2$s) as %1$s_avg, min(%2$s) as %1$s_min, max(%2$s) as %1$s_max, '
        '(array_agg(%2$s order by ts desc) filter (where %2$s is not null))[1] as %1$s_last, '
        'count(%2$s) as %1$s_samples',
        name, value
    )
$$;

insert into rollups (name, fact, figures)
select 'tickers_1h', 'tickers', 'count(*) as samples, ' || string_agg(
    figures_of(name, value), ', ' order by place
)
from unnest(
    array[
        'last_price', 'mark_price', 'index_price', 'best_bid_price', 'best_ask_price',
        'open_interest', 'open_interest_notional', 'volume_24h', 'turnover_24h'
    ]
) with ordinality plain (name, place)
cross join lateral (select name) same (value);

update rollups set figures = figures || ', ' || figures_of(
    'spread_bps',
    '((best_ask_price - best_bid_price) / nullif((best_ask_price + best_bid_price) / 2, 0) * 10000)'
)
where name = 'tickers_1h';

-- Where the received book ended before a band, its figure is a floor, and so is what is made of it.
insert into rollups (name, fact, figures)
select
    'liquidity_1h',
    'liquidity_depth',
    'count(*) as samples, ' || figures_of('mid_price', 'mid_price') || ', ' || string_agg(
        figures_of(band, band) || format(
            ', count(%1$s) filter (where not complete and reach_%2$s_bps < %3$s) as %1$s_floors',
            band, side, bps
        ),
        ', ' order by side_place, bps_place
    )
from unnest(array['bid', 'ask']) with ordinality sides (side, side_place)
cross join unnest(array['1', '2.5', '5', '10', '20', '50', '100']) with ordinality b (bps, bps_place)
cross join lateral (select side || '_' || replace(bps, '.', '_') || 'bps') bands (band);

insert into rollups (name, fact, condition, figures) values (
    'klines_1h',
    'klines',
    '"interval" = ''1m''',
    $$
    (array_agg(open order by ts))[1] as open, max(high) as high, min(low) as low,
    (array_agg(close order by ts desc))[1] as close,
    case when count(volume) = count(*) then sum(volume) end as volume,
    case when count(turnover) = count(*) then sum(turnover) end as turnover,
    case when count(trades) = count(*) then sum(trades) end as trades,
    count(*) as candles
    $$
);
drop function figures_of;

create table late_hours (
    fact text not null,
    market_id integer not null,
    ts timestamptz not null
);
comment on table late_hours is 'hours whose rows changed after they were stored; one may stand here often';

-- The lock keeps an hour from being stored while a row of it that nobody noted is being written.
create function note_late_hours() returns trigger language plpgsql as $$
declare
    upto timestamptz;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('perps-stats rollups', 0));
    upto := (select noted_to from rollups where fact = tg_argv[0]);
    insert into late_hours (fact, market_id, ts)
    select distinct tg_argv[0], market_id, date_bin('1 hour', ts, '2000-01-01 00:00+00')
    from changed where ts < upto;
    return null;
end
$$;

-- From now on changes before this time are noted. Waits for those who are writing, but they not for us
-- longer than it takes: the caller limits it.
create function note_late_hours_before(before timestamptz) returns void language sql as $$
    select pg_advisory_xact_lock(hashtextextended('perps-stats rollups', 0));
    update rollups set noted_to = before where noted_to < before;
$$;

-- Store the next hours of a rollup: those that changed, then those of a day, of each market on its own.
-- Whether there may be more. Hours before `since` stay as they are: their rows may be gone.
create function roll_up(rollup text, since timestamptz) returns boolean language plpgsql as $$
declare
    r rollups;
    upto timestamptz;
begin
    select * into r from rollups where name = rollup for update skip locked;
    if not found then
        return false;
    end if;
    create temporary table if not exists spans (
        market_id integer, first_ts timestamptz, end_ts timestamptz
    ) on commit delete rows;
    with taken as (
        delete from late_hours where ctid = any (array(
            select ctid from late_hours where fact = r.fact order by ts limit 500
        ))
        returning market_id, ts
    )
    insert into spans
    select distinct market_id, ts, ts + interval '1 hour' from taken
    where ts < r.rolled_to and ts >= coalesce(since, '-infinity');
    execute format(
        'delete from %I s using spans where s.market_id = spans.market_id and s.ts = spans.first_ts',
        rollup || '_stored'
    );
    if not exists (select from spans) then
        r.rolled_to := coalesce(
            (
                select min(greatest(first_ts, r.rolled_to)) from partitions
                where fact = r.fact and end_ts > r.rolled_to
            ),
            r.noted_to
        );
        upto := least(r.rolled_to + interval '1 day', r.noted_to);
        insert into spans select market_id, r.rolled_to, upto from markets where r.rolled_to < upto;
        update rollups set rolled_to = greatest(rollups.rolled_to, upto) where name = rollup;
    end if;
    execute format(
        'insert into %I select s.market_id, f.* from spans s cross join lateral ('
        '    select date_bin(''1 hour'', ts, ''2000-01-01 00:00+00''), %s from %I'
        '    where market_id = s.market_id and ts >= s.first_ts and ts < s.end_ts and %s group by 1'
        ') f',
        rollup || '_stored', r.figures, r.fact, r.condition
    );
    delete from spans;
    return upto is null or upto < r.noted_to or exists (select from late_hours where fact = r.fact);
end
$$;

-- Forget the stored hours of a rollup that ended before a time; for null, that any were stored.
create function drop_hours(rollup text, before timestamptz) returns void language plpgsql as $$
begin
    execute format('delete from %I where ts <= coalesce($1, ''infinity'')', rollup || '_stored')
    using before - interval '1 hour';
    if before is null then
        delete from late_hours where fact = (select fact from rollups where name = rollup);
        update rollups set noted_to = default, rolled_to = default where name = rollup;
    end if;
end
$$;

-- TimescaleDB's jobs for a table or a rollup, changed only where they differ: what is dropped, what
-- becomes columns, and how far back late hours are looked for. Null: never; for the last: everywhere.
create procedure keep_policies(
    relation text, drop_after interval, columns_after interval, refresh_since interval
) language plpgsql set search_path from current as $$
declare
    jobs jsonb := (
        select coalesce(jsonb_object_agg(replace(j.proc_name, 'columnstore', 'compression'), j.config), '{}')
        from timescaledb_information.jobs j
        where j.hypertable_name = relation and j.hypertable_schema = current_schema()
    );
    refreshing jsonb := jobs -> 'policy_refresh_continuous_aggregate';
begin
    if (jobs #>> '{policy_retention,drop_after}')::interval is distinct from drop_after then
        perform remove_retention_policy(relation, if_exists => true);
        if drop_after is not null then
            perform add_retention_policy(relation, drop_after => drop_after);
        end if;
    end if;
    if (jobs #>> '{policy_compression,compress_after}')::interval is distinct from columns_after then
        call remove_columnstore_policy(relation, if_exists => true);
        if columns_after is not null then
            call add_columnstore_policy(relation, after => columns_after);
        end if;
    end if;
    if exists (select from rollups where name = relation) and (
        refreshing is null or (refreshing ->> 'start_offset')::interval is distinct from refresh_since
    ) then
        perform remove_continuous_aggregate_policy(relation, if_exists => true);
        perform add_continuous_aggregate_policy(
            relation,
            start_offset => refresh_since,
            end_offset => interval '10 minutes',
            schedule_interval => interval '1 hour'
        );
    end if;
end
$$;

do $$
declare
    r rollups;
    change text;
begin
    for r in select * from rollups order by name loop
        if engine() = 'timescaledb' then
            execute format(
                'create materialized view %I '
                'with (timescaledb.continuous, timescaledb.materialized_only = false) as '
                'select market_id, time_bucket(''1 hour'', ts) as ts, %s from %I where %s '
                'group by 1, 2 with no data',
                r.name, r.figures, r.fact, r.condition
            );
            continue;
        end if;
        execute format(
            'create table %I as select market_id, ts as hour, %s from %I where false group by 1, 2',
            r.name || '_stored', r.figures, r.fact
        );
        execute format('alter table %I rename hour to ts', r.name || '_stored');
        execute format('alter table %I add primary key (market_id, ts)', r.name || '_stored');
        execute format(
            'create view %1$I as select * from %2$I '
            'where ts < (select rolled_to from rollups where name = %1$L) '
            'union all '
            'select market_id, date_bin(''1 hour'', ts, ''2000-01-01 00:00+00'') as ts, %3$s from %4$I '
            'where %5$s and ts >= (select rolled_to from rollups where name = %1$L) '
            'group by 1, 2',
            r.name, r.name || '_stored', r.figures, r.fact, r.condition
        );
        foreach change in array array['insert', 'update', 'delete'] loop
            execute format(
                'create trigger %I after %s on %I referencing %s table as changed '
                'for each statement execute function note_late_hours(%L)',
                'note_' || change, change, r.fact,
                case change when 'delete' then 'old' else 'new' end, r.fact
            );
        end loop;
    end loop;
end
$$;
