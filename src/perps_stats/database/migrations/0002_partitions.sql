-- Fact tables are cut by time (UTC), so that old data is dropped and not deleted, and a query of a
-- span opens only its parts. Dense streams are cut by day, the grain of retention. What is sparse and
-- filled back over years (candles, funding, open interest) is cut by month: ten years are 120 parts,
-- where 3,650 would cost every statement more in planning than in reading.

create table partitioning (
    fact text primary key,
    period interval not null check (period in ('1 day', '1 month'))
);

insert into partitioning (fact, period) values
    ('trades', '1 day'),
    ('tickers', '1 day'),
    ('orderbooks', '1 day'),
    ('liquidations', '1 month'),
    ('liquidity_depth', '1 day'),
    ('slippage', '1 day'),
    ('funding_rates', '1 month'),
    ('open_interest', '1 month'),
    ('klines', '1 month');

-- Make the parts that hold these days. A part is made beside the table and then attached, which lets
-- readers and writers of the table go on; the lock is against others who make the same part.
create function create_partitions(fact text, days date[]) returns void
language plpgsql as $$
declare
    step interval := (select period from partitioning p where p.fact = create_partitions.fact);
    unit text := case when step = interval '1 day' then 'day' else 'month' end;
    home oid := (select relnamespace from pg_class where oid = create_partitions.fact::regclass);
    first timestamp;
    part text;
begin
    if step is null then
        return;
    end if;
    for first in
        select distinct date_trunc(unit, day::timestamp) from unnest(days) as t (day) order by 1
    loop
        part := fact || to_char(first, '_YYYYMMDD');
        if not exists (select from pg_class where relname = part and relnamespace = home) then
            perform pg_advisory_xact_lock(hashtextextended('perps-stats partition', 0));
            if not exists (select from pg_class where relname = part and relnamespace = home) then
                execute format('create table %I (like %I including all)', part, fact);
                execute format(
                    'alter table %I attach partition %I for values from (%L) to (%L)',
                    fact, part, first at time zone 'UTC', (first + step) at time zone 'UTC'
                );
            end if;
        end if;
    end loop;
end
$$;

create view partitions as
select
    p.fact,
    c.relname::text as part,
    first.ts at time zone 'UTC' as first_ts,
    (first.ts + p.period) at time zone 'UTC' as end_ts
from partitioning p
join pg_inherits i on i.inhparent = to_regclass(p.fact)
join pg_class c on c.oid = i.inhrelid
cross join lateral (select to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp) first (ts);
