-- Depth by band of the last stored books; what is known of a book may end before the band.
with chosen as (
{chosen}
)
select
    c.market as "market",
    b.side as "side",
    b.bps as "band",
    b.value as "depth",
    case when b.value is null then null when b.is_floor then 'at least' else 'exact' end as "is",
    r.ts as "book at"
from chosen c
cross join lateral (
    select * from liquidity_depth d where d.market_id = c.market_id order by d.ts desc limit 1
) r
cross join lateral (values
{bands}
) b (bps, side, value, is_floor)
where b.bps in ($band) and b.side in ($side)
order by 1, 2, 3
