"""Trades of the past beside those of a stream: each is counted once."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from tests.ingest.repair.truth import Told, kept, true_trades

from perps_stats.core.catalogue import TRADES
from perps_stats.core.spans import Span
from perps_stats.core.stored import Mark, Query
from perps_stats.core.times import from_ms
from perps_stats.core.types import Market, Side, Trade
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rows import to_row

from .harness import past, wish

MINUTE = timedelta(minutes=1)


async def streamed(
    repository: PostgresRepository, market: Market, market_id: int, told: list[Told]
) -> None:
    """Single trades, and the session that vouches for them."""
    rows = [
        to_row(
            TRADES,
            Trade(
                exchange=market.exchange,
                symbol=market.symbol,
                id=name,
                price=price,
                quantity=quantity,
                side=Side(side),
                timestamp=from_ms(time),
                recv_ts=from_ms(time),
            ),
            market_id,
        )
        for name, time, price, quantity, side in told
    ]
    session = await repository.begin_session()
    mark = Mark(market_id, "trades", from_ms(told[0][1]), from_ms(told[-1][1]))
    await repository.write({TRADES.name: rows}, [mark])
    await repository.end_session(session)


def volumes(rows: list[Told]) -> dict[tuple[Decimal, str], Decimal]:
    sums: dict[tuple[Decimal, str], Decimal] = {}
    for _, _, price, quantity, side in rows:
        sums[price, side] = sums.get((price, side), Decimal(0)) + quantity
    return sums


async def test_what_a_stream_has_brought_is_not_counted_again(
    repository: PostgresRepository,
) -> None:
    """It began within an aggregate, and ended within another: of these the rest is kept."""
    end = wish(1).span.end
    span = Span(end - 20 * MINUTE, end)
    wanted = wish(1, "trades", symbols=["BTC"], span=span)
    async with past(repository, ["binance"]) as history:
        [job] = (await history.backfill.plan(wanted)).jobs
        market = job.series.market
        truth = true_trades(history.simulator.venues["binance"], market, span)
        firsts = [
            place
            for place, (one, two) in enumerate(pairwise(truth))
            if one[1] == two[1] and one[2] == two[2]
        ]
        first, last = (
            next(each for each in firsts if each > len(truth) // parts) for parts in (3, 2)
        )
        await streamed(repository, market, job.series.market_id, truth[first + 1 : last + 1])
        [outcome] = await history.backfill.run(await history.backfill.plan(wanted))
        assert outcome.missing == []
        rows = [kept(row) for row in await repository.get_trades(Query(limit=100_000))]
        assert volumes(rows) == volumes(truth)
        names = [name for name, *_ in rows]
        assert {truth[first][0], truth[last + 1][0]} <= set(names)
        assert len(names) == len(set(names))
