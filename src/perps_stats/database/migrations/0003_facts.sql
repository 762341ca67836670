-- One table a data set of the catalogue. `ts` is the exchange's time, `recv_ts` ours. The primary key
-- makes writing twice harmless. Fixed-width columns stand first, which saves padding. Keys compare by
-- code point, so that every server sorts alike. No foreign key: it would cost half the speed of COPY.

create table trades (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    liquidation boolean,
    id text collate "C" not null,
    side text collate "C" not null check (side in ('buy', 'sell')),
    price numeric not null,
    quantity numeric not null,
    primary key (market_id, ts, id)
) partition by range (ts);

create table tickers (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    last_price numeric,
    mark_price numeric,
    index_price numeric,
    best_bid_price numeric,
    best_bid_qty numeric,
    best_ask_price numeric,
    best_ask_qty numeric,
    volume_24h numeric,
    turnover_24h numeric,
    open_interest numeric,
    open_interest_notional numeric,
    price_change_24h numeric,
    price_change_pct numeric,
    high_price_24h numeric,
    low_price_24h numeric,
    primary key (market_id, ts)
) partition by range (ts);

create table orderbooks (
    ts timestamptz not null,
    recv_ts timestamptz,
    sequence bigint,
    market_id integer not null,
    complete boolean not null,
    bid_prices numeric[] not null,
    bid_quantities numeric[] not null,
    ask_prices numeric[] not null,
    ask_quantities numeric[] not null,
    primary key (market_id, ts),
    check (cardinality(bid_prices) = cardinality(bid_quantities)),
    check (cardinality(ask_prices) = cardinality(ask_quantities))
) partition by range (ts);

create table funding_rates (
    ts timestamptz not null,
    recv_ts timestamptz,
    funding_time timestamptz,
    next_funding_time timestamptz,
    market_id integer not null,
    kind text collate "C" not null check (kind in ('predicted', 'settled')),
    funding_rate numeric not null,
    predicted_rate numeric,
    funding_interval numeric,
    funding_rate_cap_floor numeric,
    funding_rate_floor numeric,
    primary key (market_id, ts, kind)
) partition by range (ts);

create table open_interest (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    open_interest numeric,
    open_value numeric,
    primary key (market_id, ts)
) partition by range (ts);

-- The interval stands before the time: a year of days must not wade through its minutes.
create table klines (
    ts timestamptz not null,
    close_time timestamptz not null,
    recv_ts timestamptz,
    trades bigint,
    market_id integer not null,
    closed boolean not null constraint only_closed_candles_are_kept check (closed),
    "interval" text collate "C" not null,
    open numeric not null,
    high numeric not null,
    low numeric not null,
    close numeric not null,
    volume numeric not null,
    turnover numeric,
    primary key (market_id, "interval", ts)
) partition by range (ts);

create table liquidations (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    side text collate "C" not null check (side in ('buy', 'sell')),
    price numeric not null,
    quantity numeric not null,
    primary key (market_id, ts, side, price, quantity)
) partition by range (ts);

create table liquidity_depth (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    complete boolean not null,
    mid_price numeric,
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
    primary key (market_id, ts)
) partition by range (ts);

create table slippage (
    ts timestamptz not null,
    recv_ts timestamptz,
    market_id integer not null,
    fillable boolean,
    side text collate "C" not null check (side in ('buy', 'sell')),
    reference text collate "C" not null,
    trade_amount numeric not null,
    reference_price numeric,
    avg_price numeric,
    slippage_bps numeric,
    slippage_pct numeric,
    max_amount numeric,
    fee numeric,
    primary key (market_id, ts, side, trade_amount)
) partition by range (ts);
