-- What of the history of these markets was answered, and where it begins. A series without spans is one
-- row without bounds.
select p.market_id, p.data_set, p."interval", p.earliest_ts, lower(span) as first_ts, upper(span) as end_ts
from backfill_progress p
left join lateral unnest(p.covered) span on true
where p.market_id = any($1::integer[])
order by 1, 2, 3, 5
