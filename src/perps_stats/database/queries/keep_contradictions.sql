-- Keep the staged rows that say otherwise than the stored row of their key; null contradicts nothing.
-- Answers how many rows those were, with at most $3 of the contradictions, first those seen just now.
-- $1 and $2: the first and the last day of the staged rows, which leaves few parts to look into.
with offers as materialized (
    select s.market_id, s.ts, {key_object} as key, {stored} as stored, {offered} as offered
    from {staging} s
    cross join lateral (
        select *
        from {table} r
        where {same_key}
            and r.ts >= $1::text::timestamptz
            and r.ts < $2::text::timestamptz + interval '1 day'
        limit 1
    ) r
    where {differs}
),
kept as (
    insert into contradictions as known (data_set, market_id, ts, key, stored, offered, times)
    select '{data_set}', market_id, ts, key, stored, offered, count(*)
    from offers
    group by market_id, ts, key, stored, offered
    order by market_id, ts, key, stored, offered
    on conflict (data_set, market_id, ts, fingerprint) do update set
        last_seen_at = excluded.last_seen_at, times = known.times + excluded.times
    returning *, xmax = 0 as is_new
)
select
    (select count(*) from offers) as rows, k.is_new,
    m.exchange, m.symbol, k.data_set, k.ts, k.key::text, k.stored::text, k.offered::text,
    k.first_seen_at, k.last_seen_at, k.times
from kept k join markets m using (market_id)
order by k.is_new desc, k.ts, m.exchange, m.symbol
limit $3
