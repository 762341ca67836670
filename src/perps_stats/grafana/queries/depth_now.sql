-- Depth by band of the last stored books; what is known of a book may end before the band.
with chosen as (
{chosen}
),
bands as (
{bands}
)
select
    market as "market",
    side as "side",
    bps as "band",
    value as "depth",
    case when value is null then null when is_floor then 'at least' else 'exact' end as "is",
    ts as "book at"
from (
    select c.market, b.side, b.bps, r.ts, (array[{figures}])[b.place] as value, {is_floor} as is_floor
    from chosen c
    cross join lateral (
        select * from liquidity_depth d where d.market_id = c.market_id order by d.ts desc limit 1
    ) r
    cross join bands b
) told
order by 1, 2, 3
