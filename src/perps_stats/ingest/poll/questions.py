"""What is asked where nothing is streamed, and what the answers bring: rows of its own time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from msgspec import Struct, structs

from perps_stats.core.catalogue import FUNDING_RATES, KLINES, OPEN_INTEREST, TICKERS, DataSet
from perps_stats.core.intervals import interval_length
from perps_stats.core.spans import Span
from perps_stats.core.stored import Row
from perps_stats.core.types import FundingRate, Market, OpenInterest, Ticker
from perps_stats.database.rows import to_row
from perps_stats.exchanges.contract import Exchange, Flow, Markets
from perps_stats.exchanges.events import Channel
from perps_stats.feed.client import ExchangeClient
from perps_stats.ingest.backfill.candles import KlinePast
from perps_stats.ingest.market import MarketFeed

Record: TypeAlias = Ticker | FundingRate | OpenInterest
TICKER = (Channel.BEST, Channel.DAY, Channel.MARK)
FIRST_CANDLES = 3


class Told(NamedTuple):
    """What an answer says of one market. ``until`` is how far it vouches; ``None``: it bears no
    time, and its rows no key.
    """

    feed: MarketFeed
    rows: Sequence[Row]
    until: datetime | None


class Question(Protocol):
    """``channels`` are those that it stands for; ``of_all``: one answer tells of all markets."""

    @property
    def channels(self) -> tuple[Channel, ...]: ...
    @property
    def data_set(self) -> str: ...
    @property
    def of_all(self) -> bool: ...
    async def ask(
        self, client: ExchangeClient, feeds: Sequence[MarketFeed], now: Callable[[], datetime], /
    ) -> list[Told]:
        """Of one market, unless it is ``of_all``. Raises ``ExchangeError``."""
        ...


class Present(Struct, frozen=True, kw_only=True):
    """How things are now."""

    channels: tuple[Channel, ...]
    kind: DataSet
    of_all: bool
    flow: Callable[[Markets], Flow[Sequence[Record]]]

    @property
    def data_set(self) -> str:
        return self.kind.name

    async def ask(
        self, client: ExchangeClient, feeds: Sequence[MarketFeed], now: Callable[[], datetime]
    ) -> list[Told]:
        markets = {feed.market.native: feed.market for feed in feeds}
        records = await client.put(self.flow(markets))
        by_symbol = {feed.market.symbol: feed for feed in feeds}
        recv = now()
        return [self._told(by_symbol[each.symbol], each, recv) for each in records]

    def _told(self, feed: MarketFeed, record: Record, recv: datetime) -> Told:
        if record.timestamp is None:
            return Told(feed, (), None)
        row = to_row(self.kind, structs.replace(record, recv_ts=recv), feed.market_id)
        return Told(feed, [row], record.timestamp)


class Candles(Struct, frozen=True):
    """The closed candles since the last answer, as history is filled back; at first those of the
    last few minutes.
    """

    past: KlinePast
    since: dict[int, datetime]
    """By market: up to where they are known."""
    channels: tuple[Channel, ...] = (Channel.KLINES,)
    data_set: str = KLINES.name
    of_all: bool = False

    async def ask(
        self, client: ExchangeClient, feeds: Sequence[MarketFeed], now: Callable[[], datetime]
    ) -> list[Told]:
        (feed,) = feeds
        market, market_id, time = feed.market, feed.market_id, now()
        start = self.since.get(
            market_id, time - FIRST_CANDLES * interval_length(self.past.interval)
        )
        whole = self.past.whole(Span(start, time), time)
        if whole.start == whole.end:
            return []
        window = self.past.window(market, whole)
        page = await self.past.page(client, market, market_id, window, time)
        until = page.holes[0].start if page.doubtful and page.holes else page.until
        self.since[market_id] = until
        return [Told(feed, page.rows, until)] if until > whole.start else []


def questions(exchange: Exchange, missing: Iterable[Channel]) -> list[Question]:
    """Those that bring what is ``missing``, as far as the exchange can be asked for it."""
    wanted = set(missing)
    found: list[Question] = []
    if wanted.intersection(TICKER):
        found.append(_tickers(exchange))
    if Channel.FUNDING in wanted and exchange.funding is not None:
        found.append(_of_each(Channel.FUNDING, FUNDING_RATES, exchange.funding))
    if Channel.OPEN_INTEREST in wanted and exchange.open_interest is not None:
        found.append(_of_each(Channel.OPEN_INTEREST, OPEN_INTEREST, exchange.open_interest))
    if Channel.KLINES in wanted and exchange.klines is not None and exchange.stream is not None:
        found.append(Candles(KlinePast(exchange, exchange.stream.kline_interval), {}))
    return found


def _tickers(exchange: Exchange) -> Present:
    return Present(channels=TICKER, kind=TICKERS, of_all=True, flow=exchange.tickers)


def _of_each(channel: Channel, kind: DataSet, flow: Callable[[Market], Flow[Record]]) -> Present:
    def of_one(markets: Mapping[str, Market]) -> Flow[Sequence[Record]]:
        (market,) = markets.values()
        return [(yield from flow(market))]

    return Present(channels=(channel,), kind=kind, of_all=False, flow=of_one)
