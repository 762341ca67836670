"""The figure of liquidity: the value within a distance from mid over time, bids beside asks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import TypeAlias

from perps_stats.aggregator import BANDS, floors
from perps_stats.cli.charts.figure import Panel, Point, Run, Shade, Span, listed, runs_of
from perps_stats.cli.output import Record, plain
from perps_stats.core.catalogue import LIQUIDITY
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import LiquidityDepthStats
from perps_stats.core.types import Gap, Market

SIDES = {"bid": "bids", "ask": "asks"}
FAR = 3
"""Samples that are so many times further apart than is usual are not joined."""
STREAM = "orderbook"
"""Whose gaps are those of liquidity."""
Held: TypeAlias = Mapping[Market, Sequence[LiquidityDepthStats]]


def band_of(text: str) -> str:
    """``10``, ``10bps`` or ``2.5 bps`` as the end of a field's name. Raises ``BadInput``."""
    name = text.lower().replace(" ", "").removesuffix("bps").replace(".", "_")
    if f"{name}bps" not in BANDS:
        known = ", ".join(titled(band) for band in BANDS)
        raise BadInput("band", text, f"use one of {known}")
    return f"{name}bps"


def titled(band: str) -> str:
    return band.replace("_", ".").replace("bps", " bps")


def fields(band: str) -> tuple[str, ...]:
    return ("timestamp", "exchange", "symbol", "mid_price", *_sides(band), "floors")


def units(band: str) -> dict[str, str]:
    return {name: LIQUIDITY.units[name] for name in ("mid_price", *_sides(band))}


def _sides(band: str) -> list[str]:
    return [f"{side}_{band}" for side in SIDES]


def panels(symbol: str, held: Held, gaps: Sequence[Gap], band: str, span: Span) -> list[Panel]:
    """Bids, then asks."""
    quote = " or ".join(dict.fromkeys(market.quote for market in held))
    shades = tuple(_shade(gap, span) for gap in gaps)
    return [
        Panel(
            title=f"{symbol}, {name} within {titled(band)} of mid",
            unit=quote,
            runs=tuple(
                run
                for market, rows in held.items()
                for run in _runs(market.exchange, rows, f"{side}_{band}", shades)
            ),
            shades=shades,
            from_zero=True,
        )
        for side, name in SIDES.items()
    ]


def _shade(gap: Gap, span: Span) -> Shade:
    """A gap that is still open reaches to the end."""
    end = span.end if gap.end_time is None else min(gap.end_time, span.end)
    return Shade(gap.exchange, max(gap.start_time, span.start), end, gap.cause.value)


def _runs(
    exchange: str, rows: Sequence[LiquidityDepthStats], field: str, shades: Sequence[Shade]
) -> Iterator[Run]:
    """Broken where samples are unusually far apart, where one has no value, and by a gap."""
    points = {point: at for at, row in enumerate(rows) if (point := _point(row, field))}
    apart = [(right.time - left.time).total_seconds() for left, right in pairwise(points)]
    usual = timedelta(seconds=median(apart)) if apart else timedelta()
    own = [shade for shade in shades if shade.exchange == exchange]

    def joined(left: Point, right: Point) -> bool:
        broken = any(shade.start < right.time and shade.end > left.time for shade in own)
        near = right.time - left.time <= FAR * usual
        return near and not broken and points[right] - points[left] == 1

    return runs_of(exchange, list(points), joined)


def _point(row: LiquidityDepthStats, field: str) -> Point | None:
    value: Decimal | None = getattr(row, field)
    if value is None or row.timestamp is None:
        return None
    return Point(row.timestamp, value, field in floors(row))


def records(held: Held, band: str) -> list[Record]:
    return [_record(row, band) for rows in held.values() for row in rows]


def _record(row: LiquidityDepthStats, band: str) -> Record:
    shown = {name: value for name, value in plain(row).items() if name in fields(band)}
    return {**shown, "floors": sorted(floors(row).intersection(_sides(band)))}


def notes(
    symbol: str, held: Held, gaps: Sequence[Gap], parts: Mapping[str, timedelta | None]
) -> Iterator[str]:
    """``parts``: where there are too many samples, of each so long the first is shown."""
    for exchange, part in parts.items():
        if part is not None:
            yield f"{exchange} {symbol}: one sample of each {part.total_seconds():.0f} s is shown"
    lacking = listed(
        market.exchange for market, rows in held.items() if any(not row.mid_price for row in rows)
    )
    if lacking:
        yield f"{symbol}: the book was unusable at times: {lacking}"
    counts = Counter(gap.exchange for gap in gaps)
    if counts:
        told = ", ".join(f"{count} of {exchange}" for exchange, count in counts.items())
        yield f"{symbol}: shaded are gaps, in which we cannot vouch for the book: {told}"
