"""The questions that KuCoin futures answer, and what the answers mean."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from msgspec import Raw

from perps_stats.core import types
from perps_stats.core.errors import BadInput, Refused, Unreadable
from perps_stats.core.symbols import canonical, coins_of
from perps_stats.core.times import from_ms, from_us
from perps_stats.core.types import Market, MarketStatus, Side
from perps_stats.exchanges import history
from perps_stats.exchanges.contract import (
    Answer,
    Flow,
    Markets,
    Request,
    decoded,
    get,
    made,
    request,
    rows,
    together,
)
from perps_stats.exchanges.events import BookSnapshot
from perps_stats.exchanges.kucoin import wire
from perps_stats.exchanges.kucoin.units import base_of, day_of, raw_levels, us_of
from perps_stats.exchanges.wire import Milliseconds

GOOD, TOO_FAST = "200000", "429000"
SERVER_ERROR = 500
PERPETUAL = "FFWCSX"
CONTRACTS, CONTRACT = request("/api/v1/contracts/active", weight=3), "/api/v1/contracts/"
BESTS, BEST = request("/api/v1/allTickers", weight=5), "/api/v1/ticker"
WHOLE = 1_000_000
BOOKS = ((20, "/api/v1/level2/depth20"), (100, "/api/v1/level2/depth100"))
FULL_BOOK = "/api/v1/level2/snapshot"
NEWEST_TRADES = 100
SymbolRow = TypeVar("SymbolRow", wire.Contract, wire.Best)


def refusal(status: int, body: bytes) -> Refused | None:
    """Only below 500: that is worth another try even if it has a code."""
    try:
        failure = decoded(body, wire.Failure)
    except Unreadable:
        return None
    code = str(failure.code)
    if code == GOOD or status >= SERVER_ERROR:
        return None
    return Refused(code, failure.msg, too_fast=code == TOO_FAST)


def clock() -> Flow[datetime]:
    return from_ms((yield from get("/api/v1/timestamp", wire.Answer[Milliseconds], weight=2)).data)


def handshake(unique_id: str) -> Flow[str]:
    body = yield Request("POST", "/api/v1/bullet-public", weight=10)
    ticket = decoded(body, wire.Answer[wire.Ticket]).data
    if not ticket.instance_servers:
        raise Unreadable("no server to connect to")
    endpoint = ticket.instance_servers[0].endpoint
    return f"{endpoint}?token={ticket.token}&connectId={unique_id}"


def listed(body: Answer) -> Sequence[Raw]:
    return decoded(body, wire.Answer[list[Raw]]).data


def by_native(body: Answer, row: type[SymbolRow]) -> Flow[dict[str, SymbolRow]]:
    return {each.native: each for each in (yield from rows(listed(body), row))}


def markets() -> Flow[list[Market]]:
    contracts = yield from by_native((yield CONTRACTS), wire.Contract)
    perpetuals = [each for each in contracts.values() if each.kind == PERPETUAL]
    coins = coins_of(each.base for each in perpetuals)
    return [to_market(each, *coins[each.base]) for each in perpetuals]


def to_market(contract: wire.Contract, coin: str, multiplier: int) -> Market:
    """Quantities of an inverse contract depend on the price: its steps in base coin are unknown."""
    inverse, size = contract.inverse, abs(contract.lot)
    most = contract.lots_most
    return made(
        Market,
        contract,
        contract=canonical(coin, contract.quote),
        base=coin,
        contract_size=None if inverse else size,
        contract_value=size if inverse else None,
        multiplier=Decimal(multiplier),
        price_scale=decimals_of(contract.tick_size),
        quantity_scale=None if inverse else decimals_of(size),
        lot_size=None if inverse else contract.lots_least * size,
        min_order_qty=None if inverse else contract.lots_least * size,
        max_order_qty=None if inverse or most is None else most * size,
        funding_interval=hours_of(contract.granularity),
        status=MarketStatus.TRADING if contract.state == "Open" else MarketStatus.HALTED,
    )


def decimals_of(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def hours_of(granularity: int | None) -> Decimal | None:
    return Decimal(granularity) / history.HOUR if granularity else None


def time_of(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def both_of_all(markets: Markets) -> Flow[list[tuple[Market, wire.Contract, wire.Best | None]]]:
    bodies = yield from together(CONTRACTS, BESTS)
    contracts = yield from by_native(bodies[0], wire.Contract)
    bests = yield from by_native(bodies[1], wire.Best)
    return [
        (market, contracts[name], bests.get(name))
        for name, market in markets.items()
        if name in contracts
    ]


def both_of(market: Market) -> Flow[tuple[Market, wire.Contract, wire.Best]]:
    bodies = yield from together(
        request(CONTRACT + market.native, weight=3),
        request(BEST, {"symbol": market.native}, weight=2),
    )
    contract = decoded(bodies[0], wire.Answer[wire.Contract]).data
    return market, contract, decoded(bodies[1], wire.Answer[wire.Best]).data


def tickers(markets: Markets) -> Flow[list[types.Ticker]]:
    return [to_ticker(*both) for both in (yield from both_of_all(markets))]


def ticker(market: Market) -> Flow[types.Ticker]:
    return to_ticker(*(yield from both_of(market)))


def to_ticker(market: Market, contract: wire.Contract, best: wire.Best | None) -> types.Ticker:
    """At the time of the last trade, which is the only one that is told."""
    volume, turnover = day_of(market, contract.volume, contract.turnover)
    held, value = open_of(market, contract)
    bid, ask = (best.best_bid_price, best.best_ask_price) if best else (None, None)
    return made(
        types.Ticker,
        *(market, contract, best),
        best_bid_qty=quantity_of(market, best.bid_lots if best else None, bid),
        best_ask_qty=quantity_of(market, best.ask_lots if best else None, ask),
        volume_24h=volume,
        turnover_24h=turnover,
        open_interest=held,
        open_interest_notional=value,
        timestamp=from_us(us_of(best.time)) if best else None,
    )


def quantity_of(market: Market, lots: int | None, price: Decimal | None) -> Decimal | None:
    return None if lots is None or price is None else base_of(market, lots, price)


def open_of(market: Market, contract: wire.Contract) -> tuple[Decimal | None, Decimal | None]:
    """Open interest in base and its value in quote coin, at the mark price."""
    lots, mark = contract.lots_open, contract.mark_price
    if lots is None:
        return None, None
    if market.contract_value is not None:
        return quantity_of(market, lots, mark), lots * market.contract_value
    held = base_of(market, lots)
    return held, None if mark is None else held * mark


def open_interest(market: Market) -> Flow[types.OpenInterest]:
    of = yield from get(CONTRACT + market.native, wire.Answer[wire.Contract], weight=3)
    held, value = open_of(market, of.data)
    return made(types.OpenInterest, market, open_interest=held, open_value=value, timestamp=None)


def stats(market: Market) -> Flow[types.MarketStats]:
    return to_stats(*(yield from both_of(market)))


def all_stats(markets: Markets) -> Flow[list[types.MarketStats]]:
    return [to_stats(*both) for both in (yield from both_of_all(markets))]


def to_stats(market: Market, contract: wire.Contract, best: wire.Best | None) -> types.MarketStats:
    """For up to 20 s after a settlement the exchange still tells the rate before it."""
    prices = to_ticker(market, contract, best)
    return made(
        types.MarketStats,
        *(contract, prices),
        open_value=prices.open_interest_notional,
        funding_interval=hours_of(contract.granularity),
        next_funding_time=time_of(contract.settles),
    )


def orderbook(market: Market, depth: int) -> Flow[types.Orderbook]:
    size, path = next((each for each in BOOKS if each[0] >= depth), (WHOLE, FULL_BOOK))
    book = yield from book_of(market, path, 3 if path == FULL_BOOK else 5)
    bids, asks = (
        [
            types.OrderbookLevel(level.price, base_of(market, level.lots, level.price))
            for level in side
        ]
        for side in (book.bids, book.asks)
    )
    return made(
        types.Orderbook,
        *(market, book),
        bids=bids,
        asks=asks,
        timestamp=from_us(us_of(book.time)),
        complete=len(bids) < size and len(asks) < size,
    )


def book_of(market: Market, path: str, weight: int) -> Flow[wire.Book]:
    of = {"symbol": market.native}
    return (yield from get(path, wire.Answer[wire.Book], of, weight=weight)).data


def book_snapshot(market: Market, count: int | None) -> Flow[BookSnapshot]:
    """Always the whole book: it costs less than a part of it."""
    del count
    book = yield from book_of(market, FULL_BOOK, 3)
    bids, asks = raw_levels(market, book.bids), raw_levels(market, book.asks)
    return BookSnapshot(market.native, us_of(book.time), book.sequence, bids, asks, None)


def trades(market: Market, limit: int) -> Flow[list[types.Trade]]:
    if limit > NEWEST_TRADES:
        raise BadInput("limit", limit, f"at most the last {NEWEST_TRADES} trades are given")
    body = yield request("/api/v1/trade/history", {"symbol": market.native}, weight=5)
    found = yield from rows(listed(body), wire.Trade)
    return [to_trade(market, trade) for trade in reversed(found[:limit])]


def to_trade(market: Market, trade: wire.Trade) -> types.Trade:
    return made(
        types.Trade,
        *(market, trade),
        quantity=base_of(market, trade.lots, trade.price),
        side=Side(trade.side),
        timestamp=from_us(us_of(trade.time)),
    )
