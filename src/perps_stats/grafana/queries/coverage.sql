-- For how long each chosen stream was vouched for and in a gap, in seconds of each UTC day.
with chosen as (
{chosen}
),
told as (
{stream_coverage}
)
select
    date_bin('1 day', t.start_ts, '1970-01-01 00:00+00') as day,
    c.market,
    t.stream,
    extract(epoch from t.end_ts - t.start_ts) as seconds,
    t.vouched,
    t.gaps,
    (t.exchange, t.stream) in ({verifiable}) as is_verifiable
from told t
join chosen c using (exchange, symbol)
