-- These spans of an exchange's history were asked for and answered.
insert into backfill_progress as known (market_id, data_set, "interval", covered)
select market_id, data_set, "interval", range_agg(tstzrange(first_ts, end_ts))
from unnest($1::integer[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    as filled (market_id, data_set, "interval", first_ts, end_ts)
group by market_id, data_set, "interval"
order by market_id, data_set, "interval"
on conflict (market_id, data_set, "interval") do update set
    covered = known.covered + excluded.covered, updated_at = now()
