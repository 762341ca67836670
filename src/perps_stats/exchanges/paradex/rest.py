"""The questions that Paradex answers, and what the answers mean. Only perpetuals: of the thousands
of options in its lists not even the numbers are read.
"""

from collections.abc import Container
from datetime import datetime
from decimal import Decimal

from perps_stats.core import types
from perps_stats.core.errors import Refused, Unreadable
from perps_stats.core.symbols import canonical, coins_of
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market, MarketStatus
from perps_stats.exchanges import history
from perps_stats.exchanges.contract import Flow, Markets, Query, Window, decoded, get, made, rows
from perps_stats.exchanges.paradex import wire

MAX_DEPTH = 100
"""The documents name no greatest depth; 100 is given."""
PAGE = 1000
CLIENT_ERROR = 4


def refusal(status: int, body: bytes) -> Refused | None:
    """Only of a 4xx: a 5xx is worth another try even if it has a code."""
    if status // 100 != CLIENT_ERROR:
        return None
    try:
        failure = decoded(body, wire.Failure)
    except Unreadable:
        return None
    return Refused(failure.error, failure.message)


def clock() -> Flow[datetime]:
    return from_ms((yield from get("/v1/system/time", wire.ServerTime)).server_time)


def markets() -> Flow[list[Market]]:
    listing = yield from get("/v1/markets", wire.Results)
    perpetuals = listing.only(lambda row: row.kind == "PERP")
    listed = yield from rows(perpetuals, wire.Listed)
    coins = coins_of(each.base for each in listed)
    return [to_market(each, *coins[each.base]) for each in listed]


def to_market(listed: wire.Listed, coin: str, multiplier: int) -> Market:
    """The scales are those of the increments. ``RFQ_ONLY`` markets have no order book."""
    trading = listed.trading_mode == "STANDARD"
    return made(
        Market,
        listed,
        contract=canonical(coin, listed.quote),
        base=coin,
        contract_size=Decimal(1),
        multiplier=Decimal(multiplier),
        price_scale=wire.decimals(listed.tick_size),
        quantity_scale=wire.decimals(listed.lot_size),
        funding_interval=wire.hours(listed.period),
        status=MarketStatus.TRADING if trading else MarketStatus.HALTED,
    )


def summaries(name: str, known: Container[str]) -> Flow[list[wire.Summary]]:
    """``name`` is a market's, or ``ALL``: then spot markets and options are among them."""
    answer = yield from get("/v1/markets/summary", wire.Results, {"market": name})
    ours = answer.only(lambda row: row.native in known)
    return (yield from rows(ours, wire.Summary))


def summary(market: Market) -> Flow[wire.Summary]:
    found = yield from summaries(market.native, {market.native})
    if not found:
        raise Unreadable(f"an answer without a summary of {market.native}")
    return found[0]


def tickers(markets: Markets) -> Flow[list[types.Ticker]]:
    found = yield from summaries("ALL", markets)
    return [to_ticker(markets[each.native], each) for each in found]


def ticker(market: Market) -> Flow[types.Ticker]:
    return to_ticker(market, (yield from summary(market)))


def to_ticker(market: Market, said: wire.Summary) -> types.Ticker:
    """Without a volume in base coin, which Paradex does not tell; older summaries lack sizes."""
    return made(
        types.Ticker,
        market,
        last_price=wire.price(said.last_price),
        mark_price=wire.price(said.mark_price),
        index_price=wire.price(said.index_price),
        best_bid_price=wire.price(said.bid),
        best_bid_qty=wire.price(said.bid_size),
        best_ask_price=wire.price(said.ask),
        best_ask_qty=wire.price(said.ask_size),
        turnover_24h=wire.number(said.turnover),
        open_interest=wire.number(said.open_interest),
        open_interest_notional=said.open_value,
        price_change_pct=wire.number(said.change),
        timestamp=from_ms(said.time),
    )


def open_interest(market: Market) -> Flow[types.OpenInterest]:
    return made(types.OpenInterest, (yield from stats(market)))


def funding(market: Market) -> Flow[types.FundingRate]:
    """It accrues all the time, at the rate in force: there is no next settlement."""
    now = yield from stats(market)
    if now.funding_rate is None:
        raise Unreadable(f"a summary of {market.native} without a funding rate")
    predicted = {"predicted_rate": now.funding_rate, "kind": FundingKind.PREDICTED}
    return made(types.FundingRate, now, **predicted)


def stats(market: Market) -> Flow[types.MarketStats]:
    return to_stats(market, (yield from summary(market)))


def all_stats(markets: Markets) -> Flow[list[types.MarketStats]]:
    found = yield from summaries("ALL", markets)
    return [to_stats(markets[each.native], each) for each in found]


def to_stats(market: Market, said: wire.Summary) -> types.MarketStats:
    now = {"open_value": said.open_value, "funding_rate": wire.number(said.funding_rate)}
    return made(types.MarketStats, market, to_ticker(market, said), **now)


def orderbook(market: Market, depth: int) -> Flow[types.Orderbook]:
    limit = min(depth, MAX_DEPTH)
    book = yield from get(f"/v1/orderbook/{market.native}", wire.Book, {"depth": limit})
    return made(
        types.Orderbook,
        market,
        bids=to_levels(book.bids),
        asks=to_levels(book.asks),
        timestamp=from_ms(book.time) if book.time else None,
        sequence=book.sequence,
        complete=len(book.bids) < limit and len(book.asks) < limit,
    )


def to_levels(levels: list[wire.Level]) -> list[types.OrderbookLevel]:
    return [types.OrderbookLevel(level.price, level.quantity) for level in levels]


def trades(market: Market, limit: int) -> Flow[list[types.Trade]]:
    return (yield from newest_of(market, limit, {}))[-limit:]


def trades_between(market: Market, window: Window) -> Flow[list[types.Trade]]:
    """Whether a trade of ``end_at`` itself is given is not documented: what is beyond is left."""
    first, last = history.span(window)
    found = yield from newest_of(market, None, {"start_at": first, "end_at": last + 1})
    return [each for each in found if window.start <= each.timestamp < window.end]


def newest_of(market: Market, limit: int | None, span: Query) -> Flow[list[types.Trade]]:
    """Newest first on the wire, page after page. The parameter is ``market``, not ``symbol``."""
    found: list[types.Trade] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        size = PAGE if limit is None else min(limit, PAGE)
        of = {"market": market.native, "page_size": size, **span, "cursor": cursor}
        page = yield from get("/v1/trades", wire.Results, of)
        read = yield from rows(page.results, wire.Trade)
        found += [to_trade(market, each) for each in read if each.kind not in wire.NO_TRADES]
        cursor = page.next
        if not (cursor and page.results):
            break
    return found[::-1]


def to_trade(market: Market, trade: wire.Trade) -> types.Trade:
    return made(
        types.Trade,
        market,
        id=trade.name,
        price=Decimal(trade.price),
        quantity=Decimal(trade.size),
        side=types.Side(trade.side.lower()),
        timestamp=from_ms(trade.time),
        liquidation=trade.kind == "LIQUIDATION",
    )
