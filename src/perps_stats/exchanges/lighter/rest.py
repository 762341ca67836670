"""The questions that Lighter answers, and what the answers mean.

60 requests a minute, whatever they ask: each question takes as few as there can be. Answers about
the present bear no time.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from perps_stats.core import types
from perps_stats.core.errors import BadInput, Refused, Unreadable
from perps_stats.core.symbols import canonical, coins_of
from perps_stats.core.times import from_ms
from perps_stats.core.types import FundingKind, Market, MarketStatus, OrderbookLevel, Side
from perps_stats.exchanges.contract import (
    Answer,
    Flow,
    Markets,
    Query,
    decoded,
    get,
    made,
    request,
    rows,
    together,
)
from perps_stats.exchanges.lighter import wire

DETAILS, ORDERS = "/api/v1/orderBookDetails", "/api/v1/orderBookOrders"
RATES = request("/api/v1/funding-rates")
PERPETUALS: Query = {"filter": "perp"}
FIRST_SPOT_ID = 2048
QUOTE = "USDC"
HERE = "lighter"
"""What the list of funding rates calls this exchange among the others."""
OK, SERVER_ERROR = 200, 500
TOO_FAST = range(23_000, 24_000)
MAX_ORDERS, MAX_TRADES = 250, 100
MARGIN_UNIT = Decimal(10_000)
INTERVAL_HOURS, RATE_HOURS = Decimal(1), Decimal(8)
"""Funding settles each hour; the list of all rates tells them for eight."""
SIDES = {True: Side.BUY, False: Side.SELL}
"""The taker's, by whether the maker was the ask."""
TRADED = {"trade": False, "liquidation": True}
"""Kinds of trades, and which are forced. Others met no order: positions closed at a set price."""


def refusal(status: int, body: bytes) -> Refused | None:
    """An error bears its own code, often with HTTP 400; of a 5xx another try is worth it."""
    if status >= SERVER_ERROR:
        return None
    try:
        result = decoded(body, wire.Result)
    except Unreadable:
        return None
    if result.code == OK:
        return None
    return Refused(str(result.code), result.message or "", too_fast=result.code in TOO_FAST)


def clock() -> Flow[datetime]:
    """In whole seconds."""
    return from_ms((yield from get("/", wire.Status)).seconds * 1000)


def markets() -> Flow[list[Market]]:
    answer = yield from get(DETAILS, wire.AllDetails, PERPETUALS)
    listed = yield from rows(answer.listed or [], wire.Market)
    perpetuals = [each for each in listed if is_perpetual(each)]
    coins = coins_of(each.native for each in perpetuals)
    return [to_market(each, *coins[each.native]) for each in perpetuals]


def is_perpetual(market: wire.Market) -> bool:
    return market.market_type == "perp" and market.id < FIRST_SPOT_ID


def to_market(listed: wire.Market, coin: str, multiplier: int) -> Market:
    margin = listed.margin_fraction
    return made(
        Market,
        listed,
        wire_id=str(listed.id),
        contract=canonical(coin, QUOTE),
        base=coin,
        quote=QUOTE,
        settle=QUOTE,
        contract_size=Decimal(1),
        multiplier=Decimal(multiplier),
        tick_size=Decimal(1).scaleb(-listed.price_scale),
        lot_size=Decimal(1).scaleb(-listed.quantity_scale),
        max_leverage=MARGIN_UNIT / margin if margin else None,
        maker_fee=listed.maker_fee.scaleb(-2),
        taker_fee=listed.taker_fee.scaleb(-2),
        funding_interval=INTERVAL_HOURS,
        status=MarketStatus.TRADING if listed.status == "active" else MarketStatus.HALTED,
    )


def id_of(market: Market) -> dict[str, object]:
    return {"market_id": market.wire_id}


def details_in(body: Answer) -> Flow[dict[str, wire.Details]]:
    """By native name."""
    listed = decoded(body, wire.AllDetails).listed or []
    return {each.native: each for each in (yield from rows(listed, wire.Details))}


def details_of(market: Market, body: Answer) -> Flow[wire.Details]:
    found = yield from details_in(body)
    if market.native not in found:
        raise Unreadable(f"details, but none of {market.native}")
    return found[market.native]


def tickers(markets: Markets) -> Flow[list[types.Ticker]]:
    found = yield from details_in((yield request(DETAILS, PERPETUALS)))
    return [to_ticker(markets[name], each) for name, each in found.items() if name in markets]


def ticker(market: Market) -> Flow[types.Ticker]:
    """One request: neither best prices nor mark price, which no end point for tickers tells."""
    details = yield from details_of(market, (yield request(DETAILS, id_of(market))))
    return to_ticker(market, details)


def to_ticker(market: Market, details: wire.Details) -> types.Ticker:
    change = details.percent.scaleb(-2)
    return made(types.Ticker, market, details, price_change_pct=change, timestamp=None)


def orderbook(market: Market, _depth: int) -> Flow[types.Orderbook]:
    """Single orders, so that how many make the wanted levels is not known: all that are given."""
    book = yield from get(ORDERS, wire.Orders, {**id_of(market), "limit": MAX_ORDERS})
    bids, asks = book.bids or [], book.asks or []
    bids_cut, asks_cut = book.total_bids > len(bids), book.total_asks > len(asks)
    return made(
        types.Orderbook,
        market,
        bids=to_levels(bids, descending=True, cut=bids_cut),
        asks=to_levels(asks, descending=False, cut=asks_cut),
        timestamp=None,
        complete=not (bids_cut or asks_cut),
    )


def to_levels(orders: Sequence[wire.Order], *, descending: bool, cut: bool) -> list[OrderbookLevel]:
    """Best first. Where orders were left out, some of them may rest at the last price that came."""
    resting: dict[Decimal, Decimal] = {}
    for order in orders:
        resting[order.price] = resting.get(order.price, Decimal(0)) + order.quantity
    levels = [OrderbookLevel(price, quantity) for price, quantity in resting.items() if quantity]
    levels.sort(key=lambda level: level.price, reverse=descending)
    return levels[:-1] if cut and len(levels) > 1 else levels


def trades(market: Market, limit: int) -> Flow[list[types.Trade]]:
    """They come in no certain order; their numbers ascend."""
    if limit > MAX_TRADES:
        raise BadInput("limit", limit, f"at most the last {MAX_TRADES} trades are given")
    of = {**id_of(market), "limit": limit}
    answer = yield from get("/api/v1/recentTrades", wire.Trades, of)
    found = yield from rows(answer.listed or [], wire.Trade)
    ours = sorted((each for each in found if each.kind in TRADED), key=lambda each: each.number)
    return [to_trade(market, trade) for trade in ours]


def to_trade(market: Market, trade: wire.Trade) -> types.Trade:
    return made(
        types.Trade,
        *(market, trade),
        id=str(trade.number),
        side=SIDES[trade.is_maker_ask],
        timestamp=from_ms(trade.time),
        liquidation=TRADED[trade.kind],
    )


def funding(market: Market) -> Flow[types.FundingRate]:
    rate = (yield from rates_in((yield RATES))).get(market.wire_id or "")
    if rate is None:
        raise Unreadable(f"funding rates, but none of {market.native}")
    return made(
        types.FundingRate,
        market,
        funding_rate=rate,
        predicted_rate=rate,
        funding_interval=INTERVAL_HOURS,
        kind=FundingKind.PREDICTED,
        timestamp=None,
    )


def rates_in(body: Answer) -> Flow[dict[str, Decimal]]:
    """By market id: the running estimates as fractions per hour."""
    found = yield from rows(decoded(body, wire.Rates).listed or [], wire.Rate)
    share = INTERVAL_HOURS / RATE_HOURS
    return {str(each.id): each.rate * share for each in found if each.exchange == HERE}


def open_interest(market: Market) -> Flow[types.OpenInterest]:
    """Without its value: no answer tells a mark price."""
    details = yield from details_of(market, (yield request(DETAILS, id_of(market))))
    return made(types.OpenInterest, market, details, timestamp=None)


def stats(market: Market) -> Flow[types.MarketStats]:
    bodies = yield from together(request(DETAILS, id_of(market)), RATES)
    details = yield from details_of(market, bodies[0])
    return to_stats(market, details, (yield from rates_in(bodies[1])))


def all_stats(markets: Markets) -> Flow[list[types.MarketStats]]:
    bodies = yield from together(request(DETAILS, PERPETUALS), RATES)
    found = yield from details_in(bodies[0])
    rates = yield from rates_in(bodies[1])
    return [to_stats(markets[name], each, rates) for name, each in found.items() if name in markets]


def to_stats(market: Market, details: wire.Details, rates: dict[str, Decimal]) -> types.MarketStats:
    """When funding settles next is not told: no answer bears a time to count the hour from."""
    return made(
        types.MarketStats,
        to_ticker(market, details),
        funding_rate=rates.get(market.wire_id or ""),
        funding_interval=INTERVAL_HOURS,
    )
