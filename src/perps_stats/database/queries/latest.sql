-- The last row of each market within a span.
-- $1 exchange, $2 symbol, $3 from, $4 before.
select m.exchange, m.symbol, {columns}
from markets m
cross join lateral (
    select *
    from {table} r
    where r.market_id = m.market_id
        and r.ts >= coalesce($3::timestamptz, '-infinity')
        and r.ts < coalesce($4::timestamptz, 'infinity')
    order by r.ts desc
    limit 1
) r
where ($1::text is null or m.exchange = $1)
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol
