"""What is drawn as the rows of a specification: floats to draw at, exact text to point at.

Times to draw at are milliseconds since 1970.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from perps_stats.cli.charts.figure import Bar, Run, Shade
from perps_stats.core.times import to_ms
from perps_stats.core.types import Kline

Row: TypeAlias = dict[str, object]
EXACT, FLOOR = "exact", "at least (the book that was received ends before the distance)"
FREE = 0.2
"""What part of a candle's time is left free on either side."""


def candle_row(candle: Kline) -> Row:
    length = candle.close_time - candle.open_time
    prices = {"open": candle.open, "high": candle.high, "low": candle.low, "close": candle.close}
    return {
        "left": to_ms(candle.open_time + FREE * length),
        "middle": to_ms(candle.open_time + length / 2),
        "right": to_ms(candle.close_time - FREE * length),
        "rising": candle.close >= candle.open,
        "opened": moment(candle.open_time),
        **{name: float(price) for name, price in prices.items()},
        **{f"{name}_text": f"{price:f}" for name, price in prices.items()},
        "volume_text": _text(candle.volume),
    }


def bar_row(bar: Bar) -> Row:
    length = bar.end - bar.start
    return {
        "exchange": bar.exchange,
        "left": to_ms(bar.start + FREE * length),
        "right": to_ms(bar.end - FREE * length),
        "base": float(bar.base),
        "top": float(bar.base + bar.amount),
        "rising": bar.rising,
        "opened": moment(bar.start),
        "text": f"{bar.amount:f}",
    }


def run_rows(number: int, run: Run) -> Iterator[Row]:
    """``told``: whether anything was told at this time, or only an interval begins."""
    for at, point in enumerate(run.points):
        yield {
            "exchange": run.exchange,
            "run": number,
            "time": to_ms(point.time),
            "moment": moment(point.time),
            "value": float(point.value),
            "text": f"{point.value:f}",
            "is": FLOOR if point.floor else EXACT,
            "line": FLOOR if run.floor else EXACT,
            "alone": len(run.points) == 1,
            "told": at > 0 or not run.begun,
        }


def shade_row(shade: Shade) -> Row:
    return {
        "exchange": shade.exchange,
        "start": to_ms(shade.start),
        "end": to_ms(shade.end),
        "since": moment(shade.start),
        "until": moment(shade.end),
        "cause": shade.cause,
    }


def moment(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(sep=" ")


def _text(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value:f}"
