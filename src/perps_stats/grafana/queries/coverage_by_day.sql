-- Of each day's time of all chosen streams: how much was verified, unverifiable, in a gap, not collected.
select
    day as "time",
    sum(vouched) filter (where is_verifiable) / sum(seconds) as "verified",
    sum(vouched) filter (where not is_verifiable) / sum(seconds) as "unverifiable",
    sum(gaps) / sum(seconds) as "in gaps",
    sum(seconds - vouched - gaps) / sum(seconds) as "not collected"
from (
{coverage}
) each
group by 1
having sum(seconds) > 0
order by 1
