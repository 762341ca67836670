"""The figures of a question, out of the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from perps_stats.cli.charts import funding, held, klines, liquidity
from perps_stats.cli.charts.candles import drawn_interval
from perps_stats.cli.charts.figure import Figure, Panel, Span, listed, minute
from perps_stats.cli.output import Record
from perps_stats.core.errors import PerpsError
from perps_stats.core.symbols import split_full
from perps_stats.core.traits import Repository
from perps_stats.core.types import Market

EDGE = 20
"""Where less than this part of the span is empty at an end, nothing is said of it."""
INSTANT = timedelta(seconds=30)
"""What is shown on either side of a single moment."""


class NothingHeld(PerpsError):
    """There is nothing to draw. The message says how to get it."""


class Question(Struct, frozen=True, kw_only=True):
    """``known`` are the exchanges we read, in the order in which they are shown; ``most`` is how
    many points of a market a picture may have.
    """

    symbols: tuple[str, ...]
    exchanges: tuple[str, ...] | None
    known: tuple[str, ...]
    span: Span
    most: int

    def backfill(self, what: str) -> str:
        """The command that fetches it."""
        return self.repeated(f"backfill --data {what} --from {self.span.start:%Y-%m-%dT%H:%MZ}")

    def repeated(self, command: str) -> str:
        """A command that is about the same markets."""
        exchanges = "" if self.exchanges is None else f" -e {','.join(self.exchanges)}"
        return f"`perps-stats {command}{exchanges} -s {','.join(self.symbols)}`"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What comes together symbol by symbol."""

    fields: tuple[str, ...]
    units: dict[str, str]
    panels: list[Panel] = field(default_factory=list[Panel])
    records: list[Record] = field(default_factory=list[Record])
    notes: list[str] = field(default_factory=list[str])
    shown: list[Market] = field(default_factory=list[Market])
    empty: list[Market] = field(default_factory=list[Market])
    unknown: list[str] = field(default_factory=list[str])
    """What was asked for by name, and the database does not know."""


async def of_klines(repository: Repository, question: Question, interval: str) -> Figure:
    drawing, drawn = Drawing(klines.FIELDS, klines.UNITS), interval
    for symbol, markets in (await _markets(repository, question, drawing)).items():
        extent = await held.extent(repository, markets, interval, question.span) or question.span
        drawn = drawn_interval(interval, extent, question.most)
        found = {m: await held.klines(repository, m, drawn, extent) for m in markets}
        if there := _there(drawing, found):
            drawing.panels.extend(klines.panels(symbol, there))
            drawing.records.extend(klines.records(there))
            drawing.notes.extend(klines.notes(symbol, there, interval))
    if not drawing.panels:
        remedy = await _no_candles(repository, question, interval, drawing.empty)
        raise _nothing(question, f"candles of {interval}", remedy)
    title = f"candles of {listed(str(record['interval']) for record in drawing.records)}"
    return await _figure(repository, question, title, drawing)


async def of_funding(repository: Repository, question: Question, per: str) -> Figure:
    drawing = Drawing(funding.FIELDS, funding.UNITS)
    for symbol, markets in (await _markets(repository, question, drawing)).items():
        found = {m: await held.funding(repository, m, question.span) for m in markets}
        if there := _there(drawing, found):
            thin = {
                market: funding.thinned(rates, question.span, question.most)
                for market, rates in there.items()
            }
            drawing.panels.append(funding.panel(symbol, thin, per))
            drawing.records.extend(funding.records(thin))
            drawing.notes.extend(funding.notes(symbol, there, thin))
    if not any(panel.runs for panel in drawing.panels):
        rate = await held.last(repository.get_funding_rates, drawing.empty, held.SETTLED)
        remedy = _remedy(
            None if rate is None else rate.timestamp,
            "fetch",
            question.backfill("funding"),
        )
        raise _nothing(question, "settled funding rates", remedy)
    title = f"settled funding, {funding.PER[per]}"
    return await _figure(repository, question, title, drawing)


async def of_liquidity(repository: Repository, question: Question, band: str) -> Figure:
    drawing = Drawing(liquidity.fields(band), liquidity.units(band))
    for symbol, markets in (await _markets(repository, question, drawing)).items():
        sampled = {
            m: await held.liquidity(repository, m, question.span, question.most) for m in markets
        }
        if there := _there(drawing, {market: rows for market, (rows, _) in sampled.items()}):
            gaps = [gap for m in there for gap in await held.gaps(repository, m, question.span)]
            parts = {market.exchange: sampled[market][1] for market in there}
            drawing.panels.extend(liquidity.panels(symbol, there, gaps, band, question.span))
            drawing.records.extend(liquidity.records(there, band))
            drawing.notes.extend(liquidity.notes(symbol, there, gaps, parts))
    if not any(panel.runs for panel in drawing.panels):
        row = await held.last(repository.get_liquidity_depth, drawing.empty)
        remedy = _remedy(
            None if row is None else row.timestamp, "collect", question.repeated("stream")
        )
        raise _nothing(question, "usable samples of liquidity", remedy)
    title = f"value within {liquidity.titled(band)} of mid"
    return await _figure(repository, question, title, drawing)


async def _markets(
    repository: Repository, question: Question, drawing: Drawing
) -> dict[str, list[Market]]:
    """By our symbol, in the order in which the exchanges are shown."""
    groups: dict[str, list[Market]] = {}
    for name in question.symbols:
        found = await held.markets_of(repository, question.known, question.exchanges, name)
        for market in found:
            group = groups.setdefault(market.symbol, [])
            if market not in group:
                group.append(market)
        drawing.unknown.extend(_unknown(name, question, {market.exchange for market in found}))
    return groups


def _unknown(name: str, question: Question, found: set[str]) -> Iterator[str]:
    venue, _ = split_full(name)
    asked = (question.exchanges or ()) if venue is None else (venue,)
    lacking = [exchange for exchange in asked if exchange not in found]
    if lacking:
        yield f"{name}: no such market is stored of {', '.join(lacking)}"
    elif not found:
        yield f"{name}: no such market is stored"


def _there(
    drawing: Drawing, found: Mapping[Market, Sequence[held.Row]]
) -> dict[Market, Sequence[held.Row]]:
    """Those of which there is something; the others are noted down."""
    there = {market: rows for market, rows in found.items() if rows}
    drawing.shown.extend(there)
    drawing.empty.extend(market for market in found if market not in there)
    return there


async def _no_candles(
    repository: Repository, question: Question, interval: str, markets: Sequence[Market]
) -> str:
    others = await held.intervals(repository, markets, question.span)
    if others:
        return f"; there are {listed(others)}: say --interval"
    candle = await held.last(lambda query: repository.get_klines(query, interval), markets)
    way = question.backfill(f"klines --intervals {interval}")
    return _remedy(None if candle is None else candle.open_time, "fetch", way)


def _remedy(last: datetime | None, verb: str, command: str) -> str:
    told = "" if last is None else f"; the last is of {minute(last)}: say --from, or"
    return f"{told or ';'} {verb} them with {command}"


def _nothing(question: Question, what: str, remedy: str) -> NothingHeld:
    return NothingHeld(
        f"no {what} of {', '.join(question.symbols)} are held from {question.span}{remedy}"
    )


async def _figure(
    repository: Repository, question: Question, what: str, drawing: Drawing
) -> Figure:
    exchanges = dict.fromkeys(market.exchange for market in drawing.shown)
    simulated = {each.name for each in await repository.get_exchanges() if each.simulated}
    span = _bounds(drawing.panels)
    symbols = listed(market.symbol for market in drawing.shown)
    return Figure(
        title=f"{symbols}: {what}",
        panels=tuple(each for each in drawing.panels if any(_times(each))),
        start=span.start,
        end=span.end,
        exchanges=tuple(exchanges),
        records=drawing.records,
        fields=drawing.fields,
        units=drawing.units,
        simulated=tuple(name for name in exchanges if name in simulated),
        notes=(
            *drawing.notes,
            *drawing.unknown,
            *_lacking(drawing.empty),
            *_edges(span, question.span),
        ),
        partial=bool(drawing.unknown or (drawing.empty and question.exchanges)),
    )


def _bounds(panels: Sequence[Panel]) -> Span:
    times = [time for panel in panels for time in _times(panel)]
    start, end = min(times), max(times)
    return Span(start, end) if start < end else Span(start - INSTANT, end + INSTANT)


def _times(panel: Panel) -> Iterator[datetime]:
    for bar in panel.bars:
        yield from (bar.start, bar.end)
    for shade in panel.shades:
        yield from (shade.start, shade.end)
    for candle in panel.candles:
        yield from (candle.open_time, candle.close_time)
    for run in panel.runs:
        yield from (point.time for point in run.points)


def _lacking(empty: Sequence[Market]) -> Iterator[str]:
    for symbol in dict.fromkeys(market.symbol for market in empty):
        names = listed(market.exchange for market in empty if market.symbol == symbol)
        yield f"{symbol}: nothing is held of {names}"


def _edges(shown: Span, asked: Span) -> Iterator[str]:
    """Where the span that was asked for is empty."""
    if shown.start - asked.start > asked.length / EDGE:
        yield f"nothing is held before {minute(shown.start)}"
    if asked.end - shown.end > asked.length / EDGE:
        yield f"nothing is held after {minute(shown.end)}"
