-- The rows of each market in a span, of one interval or kind where the data set has these.
-- $1 from, $2 before, $3 interval or kind.
select market_id, count(*) as rows
from {table} r
where {same} and ts >= coalesce($1::timestamptz, '-infinity') and ts < $2
group by market_id
