"""What is to be repaired is found until somebody is done with it; what was recovered is counted."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from perps_stats.core.spans import Span
from perps_stats.core.stored import ClosedGap
from perps_stats.core.types import FundingKind, FundingRate, Gap
from perps_stats.database.repository import PostgresRepository

from .samples import gap, market, trade

BTC = market()
DAY = datetime(2026, 1, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)


def closed(stream: str, first: int, after: int, **more: object) -> Gap:
    at = {"start_time": DAY + first * HOUR, "end_time": DAY + after * HOUR, "stream": stream}
    return replace(gap(), **at, **more)


async def test_only_what_nobody_is_done_with_is_listed(repository: PostgresRepository) -> None:
    """Closed, of the wanted streams and the exchange, not ended before; oldest end first."""
    number = (await repository.store_markets([BTC], simulated=True))[BTC.native]
    wanted = closed("trades", 2, 3), closed("klines", 1, 4)
    others = (
        closed("trades", 5, 6, repaired_at=DAY),
        closed("trades", 6, 7, rows_recovered=3),
        replace(closed("trades", 7, 8), end_time=None),
        closed("orderbook", 2, 3),
        closed("trades", 0, 1),
    )
    for each in (*others, *wanted):
        await repository.store_gap(each)
    streams = ["trades", "klines"]
    found = await repository.get_unrepaired(BTC.exchange, streams, DAY + 2 * HOUR)
    assert found == [ClosedGap(number, each) for each in wanted]
    assert await repository.get_unrepaired("kucoin", streams, DAY) == []


async def test_what_no_stream_has_received_was_recovered(repository: PostgresRepository) -> None:
    """Of the half-open span, and of one kind where there are several."""
    number = (await repository.store_markets([BTC], simulated=True))[BTC.native]
    times = [DAY, DAY + HOUR, DAY + 2 * HOUR, DAY + 3 * HOUR]
    late = [replace(trade(), timestamp=time, recv_ts=None) for time in times]
    await repository.store_trades([*late, replace(trade(), timestamp=DAY + HOUR / 2, recv_ts=DAY)])
    span = Span(DAY, DAY + 3 * HOUR)
    assert await repository.count_recovered(number, "trades", "", span) == 3
    rates = [
        FundingRate(
            exchange=BTC.exchange,
            symbol=BTC.symbol,
            funding_rate=late[0].price,
            kind=kind,
            timestamp=DAY,
        )
        for kind in FundingKind
    ]
    await repository.store_funding_rates(rates)
    assert await repository.count_recovered(number, "funding_rates", "settled", span) == 1
