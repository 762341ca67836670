-- The last row of each market, side and amount. An amount that was not sampled in the minute before
-- the market's last sample is no longer sampled: it is not looked for in all history.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols.
select m.exchange, m.symbol, {columns}
from markets m
cross join lateral (
    select r.ts
    from slippage r
    where r.market_id = m.market_id
    order by r.ts desc
    limit 1
) last
cross join lateral (
    select distinct on (r.side, r.trade_amount) *
    from slippage r
    where r.market_id = m.market_id
        and r.ts > last.ts - interval '1 minute'
        and r.ts <= last.ts
    order by r.side, r.trade_amount, r.ts desc
) r
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol, r.side, r.trade_amount
