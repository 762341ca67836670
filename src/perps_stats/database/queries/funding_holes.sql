-- Of each series of settled rates the rows in a span, how many are missing, and the spans without:
-- those that the exchange was asked for and had nothing, and those that nobody answered. Settlements
-- are neighbours up to one and a half of the interval: which the later one tells, else the earlier, the
-- market, or their usual distance. Distances are seconds.
-- $1 markets, $2 from, $3 before: one element a series.
select
    found.rows,
    found.missing::bigint,
    found.holes * coalesce(p.covered, tstzmultirange()) as answered,
    found.holes - coalesce(p.covered, tstzmultirange()) as unanswered
from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[])
    with ordinality s (market_id, start_ts, end_ts, place)
join markets m using (market_id)
left join backfill_progress p on p.market_id = s.market_id and p.data_set = 'funding_rates'
cross join lateral (
    with settled as (
        select
            ts, lead(ts) over in_time as next_ts, lag(ts) over in_time is null as is_first,
            coalesce(lead(funding_interval) over in_time, funding_interval, m.funding_interval)
            * 3600 as told
        from funding_rates r
        where r.market_id = s.market_id and r.kind = 'settled'
            and r.ts >= s.start_ts and r.ts < s.end_ts
        window in_time as (order by ts)
    ),
    usual (step) as (
        select percentile_disc(0.5) within group (order by extract(epoch from next_ts - ts))
        from settled
    ),
    spaced as (
        select
            ts, next_ts, is_first, coalesce(told, usual.step) as step,
            extract(epoch from ts - s.start_ts) as before,
            extract(epoch from coalesce(next_ts, s.end_ts) - ts) as after
        from settled cross join usual
    ),
    holes (lacking, start_ts, end_ts) as (
        select floor(before / step), ts - make_interval(secs => floor(before / step) * step), ts
        from spaced
        where is_first and before >= step
        union all
        select round(after / step) - 1, ts + make_interval(secs => step), next_ts
        from spaced
        where next_ts is not null and round(after / step) > 1
        union all
        select ceil(after / step) - 1, ts + make_interval(secs => step), s.end_ts
        from spaced
        where next_ts is null and after > step
        union all
        select
            floor(extract(epoch from s.end_ts - s.start_ts) / (m.funding_interval * 3600)),
            s.start_ts, s.end_ts
        where not exists (select from settled)
    )
    select
        (select count(*) from settled) as rows,
        case when not exists (select from spaced where step is null) then
            coalesce(sum(lacking), 0)
        end as missing,
        coalesce(range_agg(tstzrange(start_ts, end_ts)), tstzmultirange()) as holes
    from holes
) found
order by s.place
