"""The questions that Binance's USD-margined futures answer, and what the answers mean."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias, TypeVar

from msgspec import Raw

from perps_stats.core import types
from perps_stats.core.errors import BadInput, Refused, Unreadable
from perps_stats.core.symbols import canonical, coins_of
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market, MarketStatus, Side
from perps_stats.exchanges.binance import wire
from perps_stats.exchanges.contract import (
    Answer,
    Flow,
    Markets,
    decoded,
    get,
    made,
    request,
    rows,
    together,
)
from perps_stats.exchanges.events import BookSnapshot

DAY, BEST, PREMIUM = "/fapi/v1/ticker/24hr", "/fapi/v1/ticker/bookTicker", "/fapi/v1/premiumIndex"
INTEREST = "/fapi/v1/openInterest"
FUNDING_INFO = request("/fapi/v1/fundingInfo", pool="funding")
DEPTH_WEIGHTS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
MAX_DEPTH = max(DEPTH_WEIGHTS)
CLIENT_ERROR = 4
"""HTTP 4xx: it said no."""
ROWS = 1000
DEFAULT_HOURS = 8
"""Between settlements, where fundingInfo does not list the market."""
SIDES = {True: Side.SELL, False: Side.BUY}
"""The taker's, by whether the buyer was the maker."""

InfoRow: TypeAlias = type[wire.FundingInfo]
"""How a dialect spells it."""
SymbolRow = TypeVar("SymbolRow", wire.Day, wire.Best, wire.Premium, wire.FundingInfo)
BookT = TypeVar("BookT", wire.Book, wire.RawBook)


class Parts(NamedTuple):
    """What three end points know of one market."""

    day: wire.Day | None
    best: wire.Best | None
    premium: wire.Premium | None

    @property
    def time(self) -> int:
        """Of the newest part; 0 if none has one."""
        return max(part.time if part else 0 for part in self)


def refusal(status: int, body: bytes) -> Refused | None:
    """Only of a 4xx: a 5xx is worth another try even if it has a code."""
    if status // 100 != CLIENT_ERROR:
        return None
    try:
        failure = decoded(body, wire.Failure)
    except Unreadable:
        return None
    return Refused(str(failure.code), failure.msg)


def clock() -> Flow[datetime]:
    return from_ms((yield from get("/fapi/v1/time", wire.ServerTime)).server_time)


def markets(info_row: InfoRow = wire.FundingInfo) -> Flow[list[Market]]:
    info, funding_info = yield from together(request("/fapi/v1/exchangeInfo"), FUNDING_INFO)
    listed = yield from rows(decoded(info, wire.ExchangeInfo).symbols, wire.Symbol)
    adjusted = yield from by_native(funding_info, info_row)
    perpetuals = [symbol for symbol in listed if "PERPETUAL" in symbol.contract_type]
    coins = coins_of(symbol.base for symbol in perpetuals)
    return [
        to_market(symbol, *coins[symbol.base], adjusted.get(symbol.native)) for symbol in perpetuals
    ]


def to_market(
    symbol: wire.Symbol, coin: str, multiplier: int, info: wire.FundingInfo | None
) -> Market:
    filters = {each.kind: each for each in symbol.filters}
    none = wire.Filter("")
    lot = filters.get("LOT_SIZE", none)
    return made(
        Market,
        symbol,
        contract=canonical(coin, symbol.quote),
        base=coin,
        contract_size=Decimal(1),
        multiplier=Decimal(multiplier),
        tick_size=filters.get("PRICE_FILTER", none).tick_size,
        lot_size=lot.step_size,
        min_order_qty=lot.min_qty,
        max_order_qty=lot.max_qty,
        min_order_value=filters.get("MIN_NOTIONAL", none).notional,
        funding_interval=hours_of(info),
        status=MarketStatus.TRADING if symbol.status == "TRADING" else MarketStatus.HALTED,
    )


def hours_of(info: wire.FundingInfo | None) -> Decimal:
    return Decimal(info.hours if info else DEFAULT_HOURS)


def by_native(body: Answer, row: type[SymbolRow]) -> Flow[dict[str, SymbolRow]]:
    listed = yield from rows(decoded(body, list[Raw]), row)
    return {each.native: each for each in listed}


def parts_of_all(markets: Markets) -> Flow[dict[str, Parts]]:
    """Of the markets that at least one of the three knows."""
    bodies = yield from together(
        request(DAY, weight=40), request(BEST, weight=5), request(PREMIUM, weight=10)
    )
    days = yield from by_native(bodies[0], wire.Day)
    bests = yield from by_native(bodies[1], wire.Best)
    premiums = yield from by_native(bodies[2], wire.Premium)
    parts = {name: Parts(days.get(name), bests.get(name), premiums.get(name)) for name in markets}
    return {name: each for name, each in parts.items() if each.time}


def tickers(markets: Markets) -> Flow[list[types.Ticker]]:
    """Without open interest, which cannot be asked for all markets at once."""
    found = yield from parts_of_all(markets)
    return [to_ticker(markets[name], parts) for name, parts in found.items()]


def ticker(market: Market) -> Flow[types.Ticker]:
    of = {"symbol": market.native}
    bodies = yield from together(
        request(DAY, of), request(BEST, of, weight=2), request(PREMIUM, of), request(INTEREST, of)
    )
    day, best = decoded(bodies[0], wire.Day), decoded(bodies[1], wire.Best)
    premium, held = decoded(bodies[2], wire.Premium), decoded(bodies[3], wire.OpenInterest)
    parts = Parts(day, best, premium)
    if not parts.time:
        raise Unreadable("a ticker without a time", bodies[0])
    return to_ticker(market, parts, held)


def to_ticker(market: Market, parts: Parts, held: wire.OpenInterest | None = None) -> types.Ticker:
    return made(
        types.Ticker,
        *(market, *parts, held),
        open_interest_notional=value_of(held, parts.premium),
        price_change_pct=parts.day and parts.day.percent.scaleb(-2),
        timestamp=from_ms(parts.time),
    )


def value_of(held: wire.OpenInterest | None, premium: wire.Premium | None) -> Decimal | None:
    """At the mark price that was asked for together with it."""
    if held is None or premium is None or premium.mark_price is None:
        return None
    return held.open_interest * premium.mark_price


def orderbook(market: Market, depth: int) -> Flow[types.Orderbook]:
    limit = covering(depth)
    book = yield from depth_of(market, limit, wire.Book)
    bids, asks = to_levels(book.bids), to_levels(book.asks)
    return made(
        types.Orderbook,
        market,
        bids=bids,
        asks=asks,
        timestamp=from_ms(book.time),
        sequence=book.last,
        complete=len(bids) < limit and len(asks) < limit,
    )


def book_snapshot(market: Market, count: int | None) -> Flow[BookSnapshot]:
    limit = covering(count or MAX_DEPTH)
    book = yield from depth_of(market, limit, wire.RawBook)
    return BookSnapshot(market.native, book.time * 1000, book.last, book.bids, book.asks, limit)


def covering(depth: int) -> int:
    """The smallest number of levels that can be asked for and is enough."""
    return min((limit for limit in DEPTH_WEIGHTS if limit >= depth), default=MAX_DEPTH)


def depth_of(market: Market, limit: int, book: type[BookT]) -> Flow[BookT]:
    of = {"symbol": market.native, "limit": limit}
    return (yield from get("/fapi/v1/depth", book, of, weight=DEPTH_WEIGHTS[limit]))


def to_levels(levels: list[wire.Level]) -> list[types.OrderbookLevel]:
    return [types.OrderbookLevel(level.price, level.quantity) for level in levels]


def trades(market: Market, limit: int) -> Flow[list[types.Trade]]:
    if limit > ROWS:
        raise BadInput("limit", limit, f"at most the last {ROWS} trades are given")
    of = {"symbol": market.native, "limit": limit}
    body = yield request("/fapi/v1/trades", of, weight=5)
    found = yield from rows(decoded(body, list[Raw]), wire.Trade)
    return [to_trade(market, trade, str(trade.number)) for trade in found]


def to_trade(market: Market, trade: wire.Trade | wire.AggregateTrade, name: str) -> types.Trade:
    side, time = SIDES[trade.buyer_made], from_ms(trade.time)
    return made(types.Trade, market, trade, id=name, side=side, timestamp=time)


def funding(market: Market, info_row: InfoRow = wire.FundingInfo) -> Flow[types.FundingRate]:
    premium, info = yield from together(request(PREMIUM, {"symbol": market.native}), FUNDING_INFO)
    adjusted = yield from by_native(info, info_row)
    rate = to_funding(market, decoded(premium, wire.Premium), adjusted.get(market.native))
    if rate is None:
        raise Unreadable("a perpetual without a funding rate", premium)
    return rate


def to_funding(
    market: Market, premium: wire.Premium | None, info: wire.FundingInfo | None
) -> types.FundingRate | None:
    """The running estimate of the coming settlement."""
    if premium is None or not (premium.rate and premium.time):
        return None
    rate = Decimal(premium.rate)
    settles = from_ms(premium.settles) if premium.settles else None
    return made(
        types.FundingRate,
        *(market, info),
        funding_rate=rate,
        predicted_rate=rate,
        funding_time=settles,
        next_funding_time=settles,
        funding_interval=hours_of(info),
        kind=FundingKind.PREDICTED,
        timestamp=from_ms(premium.time),
    )


def open_interest(market: Market) -> Flow[types.OpenInterest]:
    of = {"symbol": market.native}
    bodies = yield from together(request(INTEREST, of), request(PREMIUM, of))
    held, premium = decoded(bodies[0], wire.OpenInterest), decoded(bodies[1], wire.Premium)
    value, time = value_of(held, premium), from_ms(held.time)
    return made(types.OpenInterest, market, held, open_value=value, timestamp=time)


def stats(market: Market, info_row: InfoRow = wire.FundingInfo) -> Flow[types.MarketStats]:
    prices = yield from ticker(market)
    return to_stats(prices, (yield from funding(market, info_row)))


def all_stats(
    markets: Markets, info_row: InfoRow = wire.FundingInfo
) -> Flow[list[types.MarketStats]]:
    """Without open interest, which cannot be asked for all markets at once."""
    found = yield from parts_of_all(markets)
    adjusted = yield from by_native((yield FUNDING_INFO), info_row)
    rates = {
        name: to_funding(markets[name], parts.premium, adjusted.get(name))
        for name, parts in found.items()
    }
    return [to_stats(to_ticker(markets[name], parts), rates[name]) for name, parts in found.items()]


def to_stats(prices: types.Ticker, rate: types.FundingRate | None) -> types.MarketStats:
    return made(types.MarketStats, rate, prices, open_value=prices.open_interest_notional)
