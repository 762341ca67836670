-- The seconds of each stream and day, and how much of the collected time was in gaps.
select
    day as "day",
    market as "market",
    stream as "stream",
    case when is_verifiable then vouched end as "verified",
    case when not is_verifiable then vouched end as "unverifiable",
    gaps as "in gaps",
    seconds - vouched - gaps as "not collected",
    gaps / nullif(vouched + gaps, 0) as "share in gaps"
from (
{coverage}
) each
order by 1 desc, 2, 3
