"""The contracts a simulated Binance lists, and the bodies that describe them."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from perps_stats.sim.scale import Scale

FOREVER = 4_133_404_800_000
"""The delivery date of what is never delivered."""
PERPETUAL, QUARTER = "PERPETUAL", "CURRENT_QUARTER"
TRADING, SETTLING = "TRADING", "SETTLING"
USUAL_HOURS = 8
QUARTER_ENDS = (3, 6, 9, 12)
FRIDAY, DELIVERY_HOUR = 4, 8


class Contract(Struct, frozen=True, kw_only=True):
    symbol: str
    pair: str
    base: str
    quote: str
    price: Scale
    quantity: Scale
    kind: str = PERPETUAL
    status: str = TRADING
    onboard: int
    delivery: int = FOREVER
    funding_hours: int = USUAL_HOURS
    cap: str | None = None
    """The greatest funding rate, where it was adjusted."""
    families: bool = True
    """Whether frames tell the family and the pair, as Binance's since June 2026."""

    @property
    def is_adjusted(self) -> bool:
        return self.kind == PERPETUAL and (
            self.cap is not None or self.funding_hours != USUAL_HOURS
        )


def exchange_info(contracts: tuple[Contract, ...], time: int) -> dict[str, object]:
    weight = {"interval": "MINUTE", "intervalNum": 1, "limit": 2400}
    return {
        "timezone": "UTC",
        "serverTime": time,
        "futuresType": "U_MARGINED",
        "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", **weight}],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_symbol_row(contract) for contract in contracts],
    }


def funding_info(contracts: tuple[Contract, ...]) -> list[dict[str, object]]:
    """Only contracts whose parameters were adjusted."""
    return [
        {
            "symbol": contract.symbol,
            "adjustedFundingRateCap": contract.cap or "0.02000000",
            "adjustedFundingRateFloor": f"-{contract.cap or '0.02000000'}",
            "fundingIntervalHours": contract.funding_hours,
            "disclaimer": False,
        }
        for contract in contracts
        if contract.is_adjusted
    ]


def quarter_end(now_ms: int) -> datetime:
    """The next delivery: 08:00 UTC on the last Friday of a quarter."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    months = ((now.year + i // 4, QUARTER_ENDS[i % 4]) for i in range(8))
    return next(end for end in (_last_friday(*month) for month in months) if end > now)


def _last_friday(year: int, month: int) -> datetime:
    following = datetime(year + month // 12, month % 12 + 1, 1, DELIVERY_HOUR, tzinfo=UTC)
    last = following - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - FRIDAY) % 7)


def _symbol_row(contract: Contract) -> dict[str, object]:
    return {
        "symbol": contract.symbol,
        "pair": contract.pair,
        "contractType": contract.kind,
        "deliveryDate": contract.delivery,
        "onboardDate": contract.onboard,
        "status": contract.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.quote,
        "pricePrecision": contract.price.decimals,
        "quantityPrecision": contract.quantity.decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": _filters(contract),
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _filters(contract: Contract) -> list[dict[str, object]]:
    tick, step = contract.price.text(1), contract.quantity.text(1)
    lots = {"minQty": step, "maxQty": contract.quantity.text(10_000_000), "stepSize": step}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": contract.price.text(100_000_000),
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", **lots},
        {"filterType": "MARKET_LOT_SIZE", **lots},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
    ]
