"""How far the past is filled back: what was answered, where history begins, what is stored."""

from collections.abc import Sequence
from datetime import timedelta

from perps_stats.core.figures import IntervalChange
from perps_stats.core.spans import Span, without
from perps_stats.core.stored import Filled, Progress
from perps_stats.database.link import Borrowed, Link
from perps_stats.database.statements import statement


async def keep_filled(connection: Borrowed, filled: Sequence[Filled]) -> None:
    """Called inside the transaction that writes the rows."""
    await connection.execute(
        statement("keep_filled"),
        [each.market_id for each in filled],
        [each.data_set for each in filled],
        [each.interval for each in filled],
        [each.span.start for each in filled],
        [each.span.end for each in filled],
    )


async def progress(link: Link, market_ids: Sequence[int]) -> list[Progress]:
    """One for each series of these markets that was ever asked for."""
    found: dict[tuple[int, str, str], Progress] = {}
    for row in await link.fetch(statement("filled"), list(market_ids)):
        key = (row["market_id"], row["data_set"], row["interval"])
        series = found.setdefault(key, Progress(*key, row["earliest_ts"], []))
        if row["end_ts"] is not None:
            series.covered.append(Span(row["first_ts"], row["end_ts"]))
    return list(found.values())


async def stored_candles(
    link: Link, market_id: int, interval: str, length: timedelta, span: Span
) -> list[Span]:
    rows = await link.fetch(statement("stored_candles"), market_id, interval, length, *span)
    return [Span(row["first_ts"], row["end_ts"]) for row in rows]


async def vouched(link: Link, market_id: int, stream: str, span: Span) -> list[Span]:
    """What a stream has collected without a gap."""
    rows = await link.fetch(statement("vouched"), market_id, stream, *span)
    told = [(Span(row["first_ts"], row["end_ts"]), row["is_gap"]) for row in rows]
    gaps = [each for each, is_gap in told if is_gap]
    return without([each for each, is_gap in told if not is_gap], gaps)


async def interval_changes(
    link: Link, market_id: int, exchange: str, symbol: str, span: Span
) -> list[IntervalChange]:
    rows = await link.fetch(statement("funding_interval_changes"), market_id, *span)
    return [
        IntervalChange(
            exchange=exchange,
            symbol=symbol,
            before=row["before"],
            after=row["after"],
            timestamp=row["ts"],
        )
        for row in rows
    ]
