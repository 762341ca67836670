"""The whole truth about a past span, in bulk: what a copy of it is held against, by checksum.

    source, carried = venue.source("BTCUSDT"), CARRIED["binance"]
    checksum(candles(source, "1m", start, end, carried)) == checksum(rows_of_the_copy)

Times are ms since 1970, spans half-open; amounts are in base coin, values in quote coin, as exact
text. What a venue's wire does not carry is left out, or ``None``.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import TypeAlias

from msgspec import Struct

from perps_stats.sim.facts import BarFact, Source, Span

Value: TypeAlias = str | int | Decimal | None
Row: TypeAlias = tuple[Value, ...]
PAGE = 5000
LATEST_MS = 1000
"""A settlement is never later, and the next one never sooner."""


class Carried(Struct, frozen=True, kw_only=True):
    """What of the truth a venue's wire tells."""

    quiet: bool = True
    """Candles without a trade, which repeat the price."""
    volume: bool = True
    turnover: bool = True
    trades: bool = True
    mark: bool = True
    """At which a settlement was paid."""
    settled_ms: int = 1
    """Times of settlements are told in these steps, rounded down."""


CARRIED = {
    "binance": Carried(),
    "aster": Carried(),
    "kucoin": Carried(quiet=False, trades=False, mark=False, settled_ms=3_600_000),
    "lighter": Carried(trades=False, mark=False, settled_ms=1000),
    "paradex": Carried(quiet=False, turnover=False, trades=False, mark=False),
}
"""Paradex settles all the time: its wire tells ``rates`` every 5 seconds, without the mark price.
Of KuCoin's inverse contracts it tells dollars: base coin is 15 digits of a quotient. Binance rounds
the value of open interest to eight decimals.
"""


def candles(source: Source, interval: str, start: int, end: int, carried: Carried) -> Iterator[Row]:
    """(open time, open, high, low, close, volume, turnover, trades), ascending.

    The running candle is as it is now.
    """
    while bars := source.bars(interval, Span(start, end - 1, PAGE)):
        yield from (_candle(bar, carried) for bar in bars if carried.quiet or bar.trades)
        start = bars[-1].close_time + 1


def _candle(bar: BarFact, carried: Carried) -> Row:
    return (
        bar.open_time,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume if carried.volume else None,
        bar.turnover if carried.turnover else None,
        bar.trades if carried.trades else None,
    )


def settlements(source: Source, start: int, end: int, carried: Carried) -> Iterator[Row]:
    """(time, rate, mark price), ascending. The rate is a fraction of the interval's own."""
    while facts := source.settlements(Span(start, end - 1, PAGE)):
        for fact in facts:
            mark = fact.mark or None if carried.mark else None
            yield fact.time - fact.time % carried.settled_ms, fact.rate, mark
        start = facts[-1].time + LATEST_MS


def rates(source: Source, start: int, end: int, every_ms: int) -> Iterator[Row]:
    """(time, running rate, mark price) at the multiples of so many ms, ascending."""
    for time in range(-(-start // every_ms) * every_ms, end, every_ms):
        fact = source.mark_at(time)
        if fact is not None:
            yield time, fact.rate, fact.mark


def interests(source: Source, interval: str, start: int, end: int) -> Iterator[Row]:
    """(time, open interest, its value), ascending."""
    while facts := source.interests(interval, Span(start, end - 1, PAGE)):
        yield from ((fact.time, fact.quantity, fact.value) for fact in facts)
        start = facts[-1].time + 1


def checksum(rows: Iterable[Sequence[Value]]) -> str:
    """Of the rows in their order, whatever the writing of their numbers. In SQL it is::

        encode(sha256(convert_to(string_agg(line, '' order by open_time), 'UTF8')), 'hex')

    where ``line`` is ``concat((extract(epoch from open_time) * 1000)::bigint, ',',
    trim_scale(open), ',', …, ',', trades, chr(10))``: of an unknown value it makes nothing.
    """
    digest = sha256()
    for row in rows:
        digest.update((",".join(map(canonical, row)) + "\n").encode())
    return digest.hexdigest()


def canonical(value: Value) -> str:
    """A number without zeros at its end and without an exponent; nothing where it is unknown."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
