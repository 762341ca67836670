-- What we can and cannot vouch for.

-- Few rows, and completed later: not partitioned.
create table gaps (
    ts timestamptz not null,
    end_time timestamptz,
    detected_at timestamptz not null,
    repaired_at timestamptz,
    missed bigint,
    rows_recovered bigint,
    market_id integer not null,
    stream text collate "C" not null,
    cause text collate "C" not null,
    detail text,
    primary key (market_id, ts, stream)
);

-- A session that has no end, and whose advisory lock is free, died. Its true end is not known.
create table sessions (
    session_id integer generated always as identity primary key,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    crash_told_at timestamptz
);

create table coverage (
    session_id integer not null references sessions on delete cascade,
    market_id integer not null,
    stream text collate "C" not null,
    first_ts timestamptz not null,
    last_ts timestamptz not null,
    primary key (session_id, market_id, stream)
);

-- The span of history that is stored, and where the exchange's own begins.
create table backfill_progress (
    market_id integer not null,
    data_set text collate "C" not null,
    "interval" text collate "C" not null default '',
    earliest_ts timestamptz,
    first_ts timestamptz not null,
    end_ts timestamptz not null,
    updated_at timestamptz not null default now(),
    primary key (market_id, data_set, "interval"),
    check (end_ts >= first_ts)
);
