-- Stored hours beside what their rows make: $1 market, $2 from, $3 before. Hours that are not stored yet
-- are computed from the rows whenever they are asked for.
with told as (
    select * from {rollup}
    where market_id = $1 and ts >= coalesce($2::timestamptz, '-infinity') and ts < $3
),
made as (
    select date_bin('1 hour', ts, '2000-01-01 00:00+00') as ts, {figures}
    from {fact}
    where market_id = $1 and {condition}
        and ts >= coalesce(
            date_bin('1 hour', $2::timestamptz + interval '3599.999999 seconds', '2000-01-01 00:00+00'),
            '-infinity'
        )
        and ts < date_bin('1 hour', $3 + interval '3599.999999 seconds', '2000-01-01 00:00+00')
    group by 1
)
select
    coalesce(told.ts, made.ts) as ts, '{rollup}' as what,
    case
        when made.ts is null then 'its rows are no longer stored'
        when r.rolled_to <= made.ts and engine() <> 'timescaledb' then 'the hour is not stored yet'
        when exists (
            select from late_hours l
            where l.fact = '{fact}' and l.market_id = $1 and l.ts = made.ts
        ) then 'its rows changed: it is stored anew within the hour'
    end as reason,
    case when whole.stored is distinct from whole.derived then whole.stored::text end as figures,
    case when whole.stored is distinct from whole.derived then whole.derived::text end as derived_figures,
    whole.stored is not distinct from whole.derived as is_equal
from told
full join made on made.ts = told.ts
join rollups r on r.name = '{rollup}'
cross join lateral (
    select to_jsonb(told) - '{{market_id,ts}}'::text[] as stored, to_jsonb(made) - 'ts' as derived
) whole
order by 1
