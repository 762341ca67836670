-- When a stream of a market was collected, and when it was not vouched for: $1 market, $2 stream, $3 from,
-- $4 before. An open gap has no end.
select first_ts, last_ts as end_ts, false as is_gap
from coverage
where market_id = $1 and stream = $2 and last_ts > $3 and first_ts < $4
union all
select ts, coalesce(end_time, $4), true
from gaps
where market_id = $1 and stream = $2 and ts < $4 and coalesce(end_time, 'infinity') > $3
