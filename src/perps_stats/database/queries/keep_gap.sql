-- Open a gap, or complete the one with the same start: what is known is never unlearnt.
insert into gaps as known (
    market_id, stream, ts, end_time, cause, missed, detail, detected_at, repaired_at, rows_recovered
)
values (
    $1::text::integer, $2, $3::text::timestamptz, $4::text::timestamptz, $5,
    $6::text::bigint, $7, $8::text::timestamptz, $9::text::timestamptz, $10::text::bigint
)
on conflict (market_id, ts, stream) do update set
    end_time = greatest(excluded.end_time, known.end_time),
    missed = coalesce(excluded.missed, known.missed),
    detail = coalesce(excluded.detail, known.detail),
    repaired_at = coalesce(excluded.repaired_at, known.repaired_at),
    rows_recovered = coalesce(excluded.rows_recovered, known.rows_recovered)
returning xmax = 0 as is_new
