"""Bodies of Paradex, written from the wire reference."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Request

from ..answers import body  # noqa: TID252 a folder an exchange

Json: TypeAlias = dict[str, object]
T0 = 1_769_860_800_000
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
"""The same instant, 2026-01-31 12:00 UTC."""
MINUTE, HOUR = 60_000, 3_600_000
EIGHT_HOURS = 8 * HOUR
"""In milliseconds. Noon lies in the middle of a funding period of eight hours."""


def listed(symbol: str, base: str, kind: str = "PERP", **other: object) -> Json:
    return {
        "symbol": symbol,
        "base_currency": base,
        "quote_currency": "USD",
        "settlement_currency": "USDC",
        "asset_kind": kind,
        "market_kind": "cross",
        "price_tick_size": "0.1",
        "order_size_increment": "0.00001",
        "min_notional": "10",
        "max_order_size": "100",
        "position_limit": "500",
        "open_at": 1_698_756_879_745,
        "expiry_at": 0,
        "funding_period_hours": 8,
        "max_funding_rate": "0.02",
        "interest_rate": "0.0001",
        "clamp_rate": "0.0005",
        "funding_multiplier": 1,
        "oracle_ewma_factor": "0.2",
        "trading_mode": "STANDARD",
        "tags": ["LAYER-1"],
        **other,
    }


MARKETS = [
    listed("BTC-USD-PERP", "BTC"),
    listed("ETH-USD-PERP", "ETH", funding_period_hours=4),
    listed("kBONK-USD-PERP", "kBONK", price_tick_size="0.000001", order_size_increment="100"),
    listed("KAVA-USD-PERP", "KAVA", funding_period_hours=1),
    listed("OLD-USD-PERP", "OLD", funding_period_hours=0),
    listed("WTI-USD-PERP", "WTI", trading_mode="RFQ_ONLY"),
    listed("BTC-USD-96000-C", "BTC", "PERP_OPTION", funding_period_hours="24", open_at="1"),
    listed("ETH-USD-27MAR26-4000-P", "ETH", "OPTION", min_notional=""),
    listed("BTC-USD-27MAR26", "BTC", "FUTURE"),
    listed("ETH-USD", "ETH", "SPOT"),
]
SUMMARY: Json = {
    "symbol": "BTC-USD-PERP",
    "oracle_price": "61660.01",
    "mark_price": "61660.01234567",
    "last_traded_price": "61659.8",
    "bid": "61659.7",
    "bid_size": "2.507",
    "ask": "61659.9",
    "ask_size": "1.02",
    "volume_24h": "14890000.550000001",
    "total_volume": "589169794979.260343",
    "created_at": T0 + 5,
    "underlying_price": "61690.5",
    "open_interest": "1523.75",
    "funding_rate": "-0.00003750123456",
    "price_change_rate_24h": "-0.0154",
}
OPTION_SUMMARY: Json = {"symbol": "BTC-USD-96000-C", "mark_price": "1", "delta": "0.4"}
SUMMARIES = [SUMMARY, OPTION_SUMMARY, SUMMARY | {"symbol": "ETH-USD-PERP"}, {"symbol": "USDC"}]
BOOK: Json = {
    "market": "BTC-USD-PERP",
    "seq_no": 690_385_857,
    "last_updated_at": T0 + 7,
    "bids": [["61659.7", "2.507"], ["61659.6", "0.004"]],
    "asks": [["61659.9", "1.02"], ["61660", "3"]],
}
TRADES: list[Json] = [
    {
        "id": f"17698608000{number:02}0201703989430001",
        "market": "BTC-USD-PERP",
        "side": side,
        "size": size,
        "price": price,
        "created_at": T0 - number,
        "trade_type": kind,
    }
    for number, (side, size, price, kind) in enumerate(
        [
            ("BUY", "0.026", "61659.9", "FILL"),
            ("SELL", "0.5", "61659.7", "LIQUIDATION"),
            ("SELL", "9", "60000", "BLOCK_TRADE"),
            ("SELL", "1", "61659.8", "RPI"),
        ]
    )
]
"""Newest first."""


def funding_row(time: int, rate: str = "0.00007172918481", **other: object) -> Json:
    return {
        "market": "BTC-USD-PERP",
        "funding_index": "23783.1345938951196",
        "funding_premium": "5.80239907283936344",
        "funding_rate": rate,
        "funding_rate_8h": "0.00007172",
        "funding_period_hours": 8,
        "created_at": time,
        "impact_premium_rate": "-0.0002813396290686",
        **other,
    }


ANSWERS: dict[str, object] = {
    "/v1/system/time": {"server_time": str(T0)},
    "/v1/markets": {"results": MARKETS},
    "/v1/orderbook/BTC-USD-PERP": BOOK,
    "/v1/trades": {"next": None, "prev": None, "results": TRADES},
}


def answer(request: Request) -> bytes:
    """The body for any request; a summary of one market where not all are asked for."""
    if request.path == "/v1/markets/summary":
        return body({"results": SUMMARIES if request.query["market"] == "ALL" else [SUMMARY]})
    return body(ANSWERS[request.path])


def klines(request: Request, candles: Mapping[int, Sequence[float]]) -> bytes:
    """Those of the span that was asked for, with numbers as numbers."""
    first, last = int(request.query["start_at"]), int(request.query["end_at"])
    found = [[time, *values] for time, values in candles.items() if first <= time <= last]
    return body({"results": found})


def funding_data(request: Request, rows: Sequence[Json]) -> bytes:
    """The newest of the span that was asked for, as many as a page holds."""
    first = int(request.query.get("start_at", 0))
    last = int(request.query.get("end_at", 10**14))
    found = [row for row in rows if first <= int(str(row["created_at"])) <= last]
    found.sort(key=lambda row: -int(str(row["created_at"])))
    page = found[: int(request.query["page_size"])]
    return body({"next": "b3BhcXVl" if len(found) > len(page) else None, "results": page})


def market(native: str = "BTC-USD-PERP", base: str = "BTC", hours: int = 8) -> Market:
    return Market(
        exchange="paradex",
        symbol=base,
        native=native,
        contract=f"{base}-USD-PERP",
        base=base,
        quote="USD",
        settle="USDC",
        price_scale=1,
        quantity_scale=5,
        funding_interval=Decimal(hours),
    )


BTC, ETH = market(), market("ETH-USD-PERP", "ETH", 4)
ALL = {"BTC-USD-PERP": BTC, "ETH-USD-PERP": ETH}


def at(milliseconds: int) -> datetime:
    """So long after noon."""
    return NOON + timedelta(milliseconds=milliseconds)
