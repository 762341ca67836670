-- The last row of each market and interval or kind.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 intervals or kinds.
select m.exchange, m.symbol, {columns}
from markets m
cross join unnest($5::text[]) with ordinality v (variant, place)
cross join lateral (
    select *
    from {table} r
    where r.market_id = m.market_id and r."{variant}" = v.variant
    order by r.ts desc
    limit 1
) r
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol, v.place
