-- A page of a data set: of each market the rows after the cursor, merged in the order of time.
-- $1 exchange, $2 symbol, $3 from, $4 before, $5 limit, $6 and $7 exchanges and symbols,
-- $8 the cursor's time, then its other values, then the values of the key that are wanted.
select m.exchange, m.symbol, {columns}
from markets m
cross join lateral (
    select *
    from {table} r
    where r.market_id = m.market_id
        and (r.ts >= coalesce($3::timestamptz, '-infinity'){reaching})
        and r.ts < coalesce($4::timestamptz, 'infinity')
        and ($8::text is null or ({row_keys}, m.exchange, m.symbol) {beyond} ({cursor}))
        {only}
    order by {row_order}
    limit $5
) r
where ($1::text is null or m.exchange = $1)
    and (
        $6::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($6::text[], $7::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by {row_order}, m.exchange {direction}, m.symbol {direction}
limit $5
