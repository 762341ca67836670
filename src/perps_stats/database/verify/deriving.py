"""Figures derived anew: of the stored levels of a book, of the rows of an hour."""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import asyncpg

from perps_stats.aggregator.exact import exact, reach
from perps_stats.aggregator.liquidity import BANDS, calculate_liquidity_depth
from perps_stats.aggregator.slippage import calculate_slippages
from perps_stats.core.figures import Slippage
from perps_stats.core.types import Orderbook, OrderbookLevel, Side
from perps_stats.database.verify.verdicts import Verdict, compared

NO_FIGURES = "the book was not known at its best prices"
ENDS = "the stored levels end before the amount"
KNOWN_ENDS = "what was known of the book ends before the amount"
OTHER_REFERENCE = "its reference is not the mid of the book"
COSTS = ("reference_price", "avg_price", "slippage_bps", "slippage_pct")


def liquidity(row: asyncpg.Record) -> Iterable[Verdict]:
    """Mid, and the bands that the stored levels and what was known of the book both cover."""
    book, mid = _book(row), row["mid_price"]
    if mid is None:
        yield Verdict(what="liquidity", ts=row["ts"], reason=NO_FIGURES)
        return
    figures = calculate_liquidity_depth(book)
    with exact():
        bids, asks = _bands("bid", book.bids, row, mid), _bands("ask", book.asks, row, mid)
        names = ["mid_price", *bids, *asks]
    derived = {name: getattr(figures, name) for name in names}
    yield compared("liquidity", row["ts"], {name: row[name] for name in names}, derived)


def _bands(
    side: str, levels: Sequence[OrderbookLevel], row: asyncpg.Record, mid: Decimal
) -> Iterator[str]:
    for band, distance in BANDS.items():
        is_stored = row["is_whole"] or (bool(levels) and reach(levels[-1].price, mid) >= distance)
        known = row[f"reach_{side}_bps"]
        if is_stored and (row["complete"] or (known is not None and known >= distance)):
            yield f"{side}_{band}"


def slippages(row: asyncpg.Record) -> Iterable[Verdict]:
    """Each side and amount that a row has of the book's moment."""
    book = _book(row)
    asked = [
        (Side(side), amount) for side, amount in zip(row["side"], row["trade_amount"], strict=True)
    ]
    amounts = sorted({amount for _, amount in asked})
    made = {(each.side, each.trade_amount): each for each in calculate_slippages(book, amounts)}
    for at, key in enumerate(asked):
        yield _slippage(row, at, made[key])


def _slippage(row: asyncpg.Record, at: int, derived: Slippage) -> Verdict:
    what, ts = f"{derived.side} {derived.trade_amount:f}", row["ts"]
    if row["reference"][at] != derived.reference:
        return Verdict(what=what, ts=ts, reason=OTHER_REFERENCE)
    if row["reference_price"][at] is None:
        return Verdict(what=what, ts=ts, reason=NO_FIGURES)
    if row["fillable"][at] is None:
        return Verdict(what=what, ts=ts, reason=KNOWN_ENDS)
    if derived.fillable is None and derived.reference_price is not None:
        return Verdict(what=what, ts=ts, reason=ENDS)
    names = ("fillable", *(COSTS if derived.fillable else ("reference_price", "max_amount")))
    stored = {name: row[name][at] for name in names}
    return compared(what, ts, stored, {name: getattr(derived, name) for name in names})


def hours(row: asyncpg.Record) -> Iterable[Verdict]:
    """The figures of an hour that differ."""
    what, ts = row["what"], row["ts"]
    if row["reason"] is not None or row["is_equal"]:
        yield Verdict(what=what, ts=ts, reason=row["reason"])
        return
    stored, derived = (_figures(row[name]) for name in ("figures", "derived_figures"))
    names = [name for name in stored | derived if stored.get(name) != derived.get(name)]
    yield Verdict(
        what=what,
        ts=ts,
        stored={name: stored.get(name) for name in names},
        derived={name: derived.get(name) for name in names},
    )


def _figures(text: str | None) -> dict[str, object]:
    return {} if text is None else dict(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def _book(row: asyncpg.Record) -> Orderbook:
    return Orderbook(
        exchange="",
        symbol="",
        bids=_levels(row["bid_prices"], row["bid_quantities"]),
        asks=_levels(row["ask_prices"], row["ask_quantities"]),
        timestamp=row["ts"],
        complete=row["is_whole"],
    )


def _levels(prices: Sequence[Decimal], quantities: Sequence[Decimal]) -> list[OrderbookLevel]:
    return [OrderbookLevel(*level) for level in zip(prices, quantities, strict=True)]
