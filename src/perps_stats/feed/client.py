"""The fifteen questions of ``IPerps``, answered once for every exchange."""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from perps_stats.core.errors import BadInput, ExchangeError, NotOffered, Unreadable
from perps_stats.core.intervals import interval_length
from perps_stats.core.symbols import Registry, canonical, shares_a_base, with_symbols
from perps_stats.core.times import EPOCH, from_ms
from perps_stats.core.types import (
    FundingRate,
    Kline,
    Market,
    MarketStats,
    OpenInterest,
    Orderbook,
    Ticker,
    Trade,
)
from perps_stats.exchanges.contract import Candles, Exchange, Flow, Window
from perps_stats.feed.flow import Report, Send, refuse, run

T = TypeVar("T")
Now = TypeVar("Now", Ticker, Orderbook, FundingRate, OpenInterest, Trade)
"""What is asked about the present: it is stamped with when we read it."""
DEFAULT_ROWS = 500
"""Of history that is asked for without a start and without a limit."""
MAX_ROWS = 1_000_000
LONGEST_FUNDING = timedelta(hours=8)
DEFAULT_TRADE_SPAN = timedelta(hours=1)


class ExchangeClient:
    """Puts questions to one exchange; implements ``core.traits.IPerps``.

    ``send`` does the asking, ``now`` tells the time in UTC. ``report`` is told of each row that
    could not be read, while the others of its list are returned; without it such a row is an
    error. ``lock`` keeps two tasks from loading the markets twice: pass an ``asyncio.Lock``.

    History: without ``start_time``, the newest ``limit`` rows before ``end_time``; with it, the
    oldest ``limit`` rows from there, all of them if no limit is given. ``end_time`` is now unless
    given, ``limit`` without a start is 500. ``recv_ts`` is told where the present was asked for.
    """

    def __init__(
        self,
        exchange: Exchange,
        send: Send,
        *,
        now: Callable[[], datetime],
        report: Report = refuse,
        lock: AbstractAsyncContextManager[object] | None = None,
    ) -> None:
        self.exchange = exchange
        self._send = send
        self._now = now
        self._report = report
        self._lock = lock or nullcontext()
        self._registry: Registry | None = None

    def get_name(self) -> str:
        return self.exchange.name

    async def load(self) -> Registry:
        """Ask anew which markets there are."""
        exchange = self.exchange
        listed = await self.put(exchange.markets())
        ours = [_renamed(market, exchange) for market in listed]
        turnovers = await self._turnovers(ours) if shares_a_base(ours) else {}
        named = with_symbols(ours, exchange.name, exchange.quotes, turnovers)
        self._registry = Registry(named, exchange.aliases)
        return self._registry

    async def _turnovers(self, markets: Iterable[Market]) -> dict[str, Decimal]:
        """Of 24 hours by quote: it says which of several quotes a bare symbol means. Where the
        answer cannot be read, the exchange's usual order (``Exchange.quotes``) does.
        """
        named = {m.native: replace(m, exchange=self.get_name(), symbol=m.native) for m in markets}
        try:
            tickers = await self.put(self.exchange.tickers(named))
        except Unreadable as error:
            self._report_named(error)
            return {}
        sums: dict[str, Decimal] = {}
        for ticker in tickers:
            quote = named[ticker.symbol].quote
            sums[quote] = sums.get(quote, Decimal(0)) + (ticker.turnover_24h or 0)
        return sums

    async def registry(self) -> Registry:
        """The markets, loaded once."""
        if known := self._known():
            return known
        async with self._lock:
            return self._known() or await self.load()

    def _known(self) -> Registry | None:
        return self._registry

    async def parse_symbol(self, symbol: str) -> str:
        """The exchange's own name of the market: ``BTC`` gives ``BTCUSDT``."""
        return (await self.get_market(symbol)).native

    async def normalize_symbol(self, native: str) -> str:
        """Our name of the market, the inverse of ``parse_symbol``."""
        return (await self.get_market(native)).symbol

    async def is_supported(self, symbol: str) -> bool:
        return symbol in await self.registry()

    async def get_markets(self) -> list[Market]:
        return list((await self.registry()).markets)

    async def get_market(self, symbol: str) -> Market:
        registry = await self.registry()
        with self._named():
            return registry.find(symbol)

    async def get_ticker(self, symbol: str) -> Ticker:
        market = await self.get_market(symbol)
        return self._received(await self.put(self.exchange.ticker(market)))

    async def get_all_tickers(self) -> list[Ticker]:
        """Of every market that the exchange says something about."""
        found = await self.put(self.exchange.tickers(await self._by_native()))
        return [self._received(ticker) for ticker in found]

    async def get_orderbook(self, symbol: str, depth: int) -> Orderbook:
        """The best ``depth`` levels a side, or as many as there are."""
        if not 1 <= depth <= self.exchange.max_depth:
            raise BadInput("depth", depth, f"use 1 to {self.exchange.max_depth}")
        market = await self.get_market(symbol)
        book = self._received(await self.put(self.exchange.orderbook(market, depth)))
        if len(book.bids) <= depth and len(book.asks) <= depth:
            return book
        return replace(book, bids=book.bids[:depth], asks=book.asks[:depth], complete=False)

    async def get_recent_trades(self, symbol: str, limit: int) -> list[Trade]:
        """The newest ``limit`` trades, oldest first."""
        ask = self._offered(self.exchange.trades, "recent trades")
        _check_limit(limit)
        found = await self.put(ask(await self.get_market(symbol), limit))
        return [self._received(trade) for trade in found]

    async def get_aggregated_trades(
        self,
        symbol: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int = DEFAULT_ROWS,
    ) -> list[Trade]:
        """Fills of one order at one price as one trade: the first ``limit`` of the window.

        The window is the last hour before ``end_time`` unless ``start_time`` is given.
        """
        ask = self._offered(self.exchange.aggregated_trades, "aggregated trades")
        _check_limit(limit)
        window = self._window(start_time, end_time, DEFAULT_TRADE_SPAN)
        return await self.put(ask(await self.get_market(symbol), window, limit))

    async def get_klines(
        self,
        symbol: str,
        interval: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int | None = None,
    ) -> list[Kline]:
        """Candles that open in the window; only those that are ``closed`` will not change."""
        ask = self._offered(self.exchange.klines, "klines")
        if interval not in self.exchange.intervals:
            raise BadInput("interval", interval, f"use one of {', '.join(self.exchange.intervals)}")
        _check_limit(limit)
        back = (limit or DEFAULT_ROWS) * interval_length(interval)
        window = self._window(start_time, end_time, back)
        market = await self.get_market(symbol)
        return to_klines(market, interval, await self.put(ask(market, interval, window, limit)))

    async def get_funding_rate(self, symbol: str) -> FundingRate:
        """The running estimate of the coming settlement."""
        ask = self._offered(self.exchange.funding, "funding rates")
        return self._received(await self.put(ask(await self.get_market(symbol))))

    async def get_funding_rate_history(
        self,
        symbol: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int | None = None,
    ) -> list[FundingRate]:
        """Settled rates. Intervals change, so the newest are cut from a window that is wide enough
        for the longest interval.
        """
        ask = self._offered(self.exchange.funding_history, "the history of funding rates")
        _check_limit(limit)
        rows = limit or DEFAULT_ROWS
        window = self._window(start_time, end_time, rows * LONGEST_FUNDING)
        market = await self.get_market(symbol)
        if start_time is not None:
            return await self.put(ask(market, window, limit))
        return (await self.put(ask(market, window, None)))[-rows:]

    async def get_open_interest(self, symbol: str) -> OpenInterest:
        ask = self._offered(self.exchange.open_interest, "open interest")
        return self._received(await self.put(ask(await self.get_market(symbol))))

    async def get_market_stats(self, symbol: str) -> MarketStats:
        ask = self._offered(self.exchange.stats, "market statistics")
        return await self.put(ask(await self.get_market(symbol)))

    async def get_all_market_stats(self) -> list[MarketStats]:
        ask = self._offered(self.exchange.all_stats, "statistics of all markets")
        return await self.put(ask(await self._by_native()))

    async def _by_native(self) -> dict[str, Market]:
        return {market.native: market for market in (await self.registry()).markets}

    async def put(self, flow: Flow[T], report: Report | None = None) -> T:
        """Run a flow of the exchange's; without ``report``, bad rows go where all others do."""
        with self._named():
            return await run(flow, self._send, report or self._report_named)

    def _report_named(self, row: Unreadable) -> None:
        row.exchange = self.exchange.name
        self._report(row)

    def _offered(self, question: T | None, what: str) -> T:
        with self._named():
            if question is None:
                raise NotOffered(what)
            return question

    @contextmanager
    def _named(self) -> Generator[None]:
        """Errors of the exchange say which one it is."""
        try:
            yield
        except ExchangeError as error:
            error.exchange = self.exchange.name
            raise

    def _received(self, answer: Now) -> Now:
        return replace(answer, recv_ts=self._now())

    def _window(self, start: datetime | None, end: datetime | None, back: timedelta) -> Window:
        """Raises ``BadInput`` for an empty window and for a time without zone."""
        for field, time in (("start_time", start), ("end_time", end)):
            if time is not None and time.tzinfo is None:
                raise BadInput(field, time.isoformat(), "give it a time zone, such as UTC")
        end = end or self._now()
        start = start or end - min(back, abs(end - EPOCH))
        if start >= end:
            raise BadInput("start_time", start.isoformat(), f"use one before {end.isoformat()}")
        return Window(start, end)


def to_klines(market: Market, interval: str, candles: Candles) -> list[Kline]:
    length = interval_length(interval)
    return [
        Kline(
            exchange=market.exchange,
            symbol=market.symbol,
            interval=interval,
            open_time=(opens := from_ms(each.time)),
            close_time=opens + length,
            open=Decimal(each.open),
            high=Decimal(each.high),
            low=Decimal(each.low),
            close=Decimal(each.close),
            volume=None if each.volume is None else Decimal(each.volume),
            turnover=None if each.turnover is None else Decimal(each.turnover),
            trades=each.trades,
            closed=number < candles.closed,
            aggregated_from=candles.aggregated_from,
        )
        for number, each in enumerate(candles.rows)
    ]


def _check_limit(limit: int | None) -> None:
    if limit is not None and not 1 <= limit <= MAX_ROWS:
        raise BadInput("limit", limit, f"use 1 to {MAX_ROWS}")


def _renamed(market: Market, exchange: Exchange) -> Market:
    """Under our names of the coins, where the exchange has its own."""
    base, quote, settle = (
        exchange.aliases.get(name, name) for name in (market.base, market.quote, market.settle)
    )
    contract = canonical(base, quote)
    return replace(market, base=base, quote=quote, settle=settle, contract=contract)
