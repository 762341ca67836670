-- What was last stored of each market of the chosen exchanges, each with the exchange's own time.
with chosen as (
{chosen}
)
select
    c.exchange as "exchange",
    c.symbol as "symbol",
    case when c.simulated then 'simulated' else 'live' end as "data",
    t.last_price as "last price",
    (t.best_ask_price - t.best_bid_price)
    / nullif((t.best_ask_price + t.best_bid_price) / 2, 0) * 10000 as "spread",
    l.bid_10bps as "bid 10 bps",
    case
        when l.bid_10bps is null then null
        when not l.complete and l.reach_bid_bps < 10 then 'at least'
        else 'exact'
    end as "bid is",
    l.ask_10bps as "ask 10 bps",
    case
        when l.ask_10bps is null then null
        when not l.complete and l.reach_ask_bps < 10 then 'at least'
        else 'exact'
    end as "ask is",
    f.funding_rate / f.funding_interval * 8 as "funding 8 h",
    f.kind as "funding is",
    i.value as "open interest",
    t.turnover_24h as "turnover 24 h",
    t.ts as "prices at",
    l.ts as "depth at",
    f.ts as "funding at",
    i.ts as "open interest at"
from chosen c
left join lateral (
    select * from tickers r where r.market_id = c.market_id order by r.ts desc limit 1
) t on true
left join lateral (
    select * from liquidity_depth r where r.market_id = c.market_id order by r.ts desc limit 1
) l on true
left join lateral (
    select * from funding_rates r where r.market_id = c.market_id order by r.ts desc limit 1
) f on true
left join lateral (
    select * from open_interest r where r.market_id = c.market_id order by r.ts desc limit 1
) o on true
left join lateral (
    select v.value, v.ts
    from (
        values
            (coalesce(o.open_value, o.open_interest * coalesce(t.mark_price, t.last_price)), o.ts),
            (
                coalesce(
                    t.open_interest_notional, t.open_interest * coalesce(t.mark_price, t.last_price)
                ),
                t.ts
            )
    ) v (value, ts)
    where v.value is not null
    order by v.ts desc
    limit 1
) i on true
where t.ts is not null or l.ts is not null or f.ts is not null or o.ts is not null
order by c.symbol, c.exchange
