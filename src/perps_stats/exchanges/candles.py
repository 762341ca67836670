"""Candles as they come: rows of the exchange's exact text, by the page, oldest first, none twice.

A page is read and checked as a whole, which costs a tenth of looking at each row; only where that
fails is each row looked at.
"""

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeAlias, TypeVar

from perps_stats.core.errors import Unreadable
from perps_stats.core.intervals import interval_length
from perps_stats.exchanges.contract import Answer, Candle, Candles, Flow, Window, rows
from perps_stats.exchanges.history import (
    MILLISECOND,
    AskByTime,
    Listed,
    Page,
    Read,
    paged,
    span,
)

RowT = TypeVar("RowT")
T = TypeVar("T")


NUMBER = r"[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]{1,2})?+\n"
NOT_NEGATIVE, POSITIVE = (
    re.compile(rf"(?:{NUMBER})*+"),
    re.compile(rf"(?:(?=[0.]*[1-9]){NUMBER})*+"),
)
"""Numbers, one a line."""
ToCandles: TypeAlias = Callable[[Sequence[RowT]], list[Candle]]


def candle_reader(
    row: type[RowT],
    whole: Callable[[Answer], Sequence[RowT]],
    listed: Listed,
    to_candles: ToCandles[RowT],
) -> Read[Candle]:
    """``whole`` reads all rows of a body at once; if it cannot, each that is ``listed`` is read."""

    def read(body: Answer) -> Flow[Page[Candle]]:
        try:
            found, sent = whole(body), None
        except Unreadable:
            raws = listed(body)
            found, sent = (yield from rows(raws, row)), len(raws)
        candles = yield from checked(to_candles(found))
        return Page(candles, len(found) if sent is None else sent)

    return read


def candles(
    ask: AskByTime,
    read: Read[Candle],
    window: Window,
    limit: int | None,
    *,
    interval: str,
    page_size: int,
    stretched: bool = False,
) -> Flow[Candles]:
    """The candles that open in the window.

    A later candle proves that one is closed, so one more than is wanted is asked for. Of the last
    candle of a market that ended, nothing proves it. ``stretched``: a request never spans more
    than a page of candles.
    """
    first, last = span(window)
    if first > last:
        return Candles([], 0)
    length = interval_length(interval) // MILLISECOND
    count = (last - first) // length + 1
    wanted = count if limit is None else min(count, limit)
    found = yield from paged(
        ask,
        read,
        first,
        last + length,
        page_size=page_size,
        limit=wanted + 1,
        stretch=page_size * length if stretched else None,
    )
    kept = [each for each in found[:wanted] if each.time <= last]
    return Candles(kept, min(len(kept), len(found) - 1) if found else 0)


def checked(candles: list[Candle]) -> Flow[list[Candle]]:
    """Those whose prices are above zero and whose amounts are not below; the others are reported.

    Raises ``Unreadable`` where none of several is sound.
    """
    if _are_sound(candles):
        return candles
    sound = [each for each in candles if _are_sound([each])]
    bad = [Unreadable(f"a candle with {each}") for each in candles if not _are_sound([each])]
    if not sound:
        raise bad[0]
    yield from bad
    return sound


def _are_sound(candles: Sequence[Candle]) -> bool:
    """All numbers are plain text: one pattern fits a page of them."""
    if not candles:
        return True
    _, *prices, volumes, turnovers, counts = zip(*candles, strict=True)
    amounts = chain(_known(volumes), _known(turnovers))
    return (
        POSITIVE.fullmatch("\n".join(chain(*prices, [""]))) is not None
        and NOT_NEGATIVE.fullmatch("\n".join(chain(amounts, [""]))) is not None
        and min(_known(counts), default=0) >= 0
    )


def _known(column: Sequence[T | None]) -> Sequence[T]:
    return [each for each in column if each is not None]
