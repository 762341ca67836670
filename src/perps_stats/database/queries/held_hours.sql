-- What each market held in each hour: means over the samples of the hour, of how many samples, and whether
-- the received book ended before the band in one of them. Liquidity is that of both sides; the arrays end
-- before it where there is none.
-- $1 and $2 exchanges and symbols, $3 from, $4 before: whole hours.
select
    m.exchange, m.symbol, ts, mid_price,
    array[
        trim_scale(volume), trim_scale(turnover), trim_scale(coalesce(polled, interest))
    ] || depths as means,
    array[volumes, turnovers, case when polled is null then interests else polls end] || counts as samples,
    array[false, false, false] || floors as floors
from markets m
cross join lateral (
    select *
    from (
        select
            ts,
            volume_24h_avg as volume, volume_24h_samples as volumes,
            turnover_24h_avg as turnover, turnover_24h_samples as turnovers,
            open_interest_avg as interest, open_interest_samples as interests
        from tickers_1h
        where market_id = m.market_id
            and ts >= coalesce($3::timestamptz, '-infinity')
            and ts < coalesce($4::timestamptz, 'infinity')
    ) t
    full join (
        select
            date_bin('1 hour', ts, '2000-01-01 00:00+00') as ts,
            avg(open_interest) as polled, count(open_interest) as polls
        from open_interest
        where market_id = m.market_id
            and ts >= coalesce($3::timestamptz, '-infinity')
            and ts < coalesce($4::timestamptz, 'infinity')
        group by 1
    ) i using (ts)
    full join (
        select
            ts, mid_price_avg as mid_price,
            array[
                bid_1bps_avg + ask_1bps_avg,
                bid_2_5bps_avg + ask_2_5bps_avg,
                bid_5bps_avg + ask_5bps_avg,
                bid_10bps_avg + ask_10bps_avg,
                bid_20bps_avg + ask_20bps_avg,
                bid_50bps_avg + ask_50bps_avg,
                bid_100bps_avg + ask_100bps_avg
            ] as depths,
            array[
                least(bid_1bps_samples, ask_1bps_samples),
                least(bid_2_5bps_samples, ask_2_5bps_samples),
                least(bid_5bps_samples, ask_5bps_samples),
                least(bid_10bps_samples, ask_10bps_samples),
                least(bid_20bps_samples, ask_20bps_samples),
                least(bid_50bps_samples, ask_50bps_samples),
                least(bid_100bps_samples, ask_100bps_samples)
            ] as counts,
            array[
                bid_1bps_floors + ask_1bps_floors > 0,
                bid_2_5bps_floors + ask_2_5bps_floors > 0,
                bid_5bps_floors + ask_5bps_floors > 0,
                bid_10bps_floors + ask_10bps_floors > 0,
                bid_20bps_floors + ask_20bps_floors > 0,
                bid_50bps_floors + ask_50bps_floors > 0,
                bid_100bps_floors + ask_100bps_floors > 0
            ] as floors
        from liquidity_1h
        where market_id = m.market_id
            and ts >= coalesce($3::timestamptz, '-infinity')
            and ts < coalesce($4::timestamptz, 'infinity')
    ) l using (ts)
) r
where $1::text[] is null or (m.exchange, m.symbol) in (select * from unnest($1::text[], $2::text[]))
