-- A row that says otherwise than the stored one of the same key. The stored row stays; what was offered
-- is kept here. The same contradiction again only counts up: told apart by hashes, since a book does
-- not fit into an index. They compare as values: 1.0 is 1.00.

create table contradictions (
    data_set text collate "C" not null,
    market_id integer not null,
    ts timestamptz not null,
    key jsonb not null,
    stored jsonb not null,
    offered jsonb not null,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    times bigint not null default 1,
    fingerprint bigint not null generated always as (
        jsonb_hash_extended(offered, jsonb_hash_extended(stored, jsonb_hash_extended(key, 0)))
    ) stored,
    primary key (data_set, market_id, ts, fingerprint)
);
comment on column contradictions.ts is 'the exchange''s time, of both rows';
comment on column contradictions.key is 'what tells rows of this market and time apart';
comment on column contradictions.stored is 'what the row says that was first; beside the key and our own times';
comment on column contradictions.times is 'how often it was offered';
