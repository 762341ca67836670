-- What amounts cost in each hour of the week (UTC, Monday's first is 0): percentiles of the samples of
-- usable books. One that the book could not fill counts as dearer than any that it could.
-- $1 exchange, $2 symbol, $3 and $4 exchanges and symbols, $5 from, $6 before, $7 amount, $8 side.
select m.exchange, m.symbol, r.*
from markets m
cross join lateral (
    select
        s.side, s.trade_amount,
        (extract(isodow from s.ts at time zone 'UTC')::int - 1) * 24
            + extract(hour from s.ts at time zone 'UTC')::int as hour_of_week,
        count(*) as samples,
        count(*) filter (where s.fillable is not true) as unfilled,
        percentile_disc(array[0.1, 0.5, 0.9, 0.99]) within group (
            order by case when s.fillable then s.slippage_bps else 'infinity' end
        ) as percentiles,
        min(s.ts) as first_ts,
        max(s.ts) as last_ts
    from slippage s
    where s.market_id = m.market_id
        and s.ts >= coalesce($5::timestamptz, '-infinity')
        and s.ts < coalesce($6::timestamptz, 'infinity')
        and s.reference = 'mid'
        and s.reference_price is not null
        and ($7::numeric is null or s.trade_amount = $7)
        and ($8::text is null or s.side = $8)
    group by s.side, s.trade_amount, 3
) r
where ($1::text is null or m.exchange = $1)
    and (
        $3::text[] is null
        or (m.exchange, m.symbol) in (select * from unnest($3::text[], $4::text[]))
    )
    and ($2::text is null or upper($2) in (upper(m.symbol), upper(m.contract), upper(m.native)))
order by m.exchange, m.symbol, r.side, r.trade_amount, r.hour_of_week
