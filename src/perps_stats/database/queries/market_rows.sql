-- The rows of each market in a table or a part of one, and those from a time on. $1 the time.
select market_id, count(*) as rows, count(*) filter (where ts >= $1) as recent
from {part} {sample}
group by market_id
