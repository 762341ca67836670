-- Where the exchange's history of a market begins, for these series of it.
insert into backfill_progress as known (market_id, data_set, "interval", earliest_ts)
select $1, data_set, "interval", $4::timestamptz
from unnest($2::text[], $3::text[]) as series (data_set, "interval")
order by data_set, "interval"
on conflict (market_id, data_set, "interval") do update set
    earliest_ts = excluded.earliest_ts, updated_at = now()
