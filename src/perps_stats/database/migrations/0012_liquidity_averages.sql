-- Means of liquidity over windows of some seconds, `ts` being the window's beginning. The last three
-- columns sum to its length: how long all was exact, some band a floor, the book suspect.

-- What TimescaleDB brings may lie in another schema than our tables.
select set_config(
    'search_path',
    concat_ws(', ', nullif(current_setting('search_path'), ''), extnamespace::regnamespace),
    true
)
from pg_extension
where extname = 'timescaledb'
    and extnamespace::regnamespace::text <> all (current_schemas(false));

insert into partitioning (fact, period) values ('liquidity_averages', '1 day');

do $$
begin
    execute format(
        'create table liquidity_averages (
            ts timestamptz not null,
            market_id integer not null,
            complete boolean not null,
            mid_price numeric,
            spread_bps numeric,
            bid_1bps numeric,
            bid_2_5bps numeric,
            bid_5bps numeric,
            bid_10bps numeric,
            bid_20bps numeric,
            bid_50bps numeric,
            bid_100bps numeric,
            ask_1bps numeric,
            ask_2_5bps numeric,
            ask_5bps numeric,
            ask_10bps numeric,
            ask_20bps numeric,
            ask_50bps numeric,
            ask_100bps numeric,
            reach_bid_bps numeric,
            reach_ask_bps numeric,
            exact_seconds numeric not null,
            floor_seconds numeric not null,
            suspect_seconds numeric not null,
            primary key (market_id, ts)
        ) %s',
        case engine() when 'postgresql' then 'partition by range (ts)' end
    );
    if engine() = 'timescaledb' then
        perform create_hypertable(
            'liquidity_averages'::regclass,
            by_range('ts', interval '1 day'),
            create_default_indexes => false
        );
        alter table liquidity_averages set (
            timescaledb.enable_columnstore,
            timescaledb.segmentby = 'market_id',
            timescaledb.orderby = 'ts'
        );
    end if;
end
$$;
