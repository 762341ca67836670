"""The contracts a simulated Lighter lists, and the rows that describe them."""

from msgspec import Struct

from perps_stats.sim.facts import Source
from perps_stats.sim.scale import Scale, bare

ACTIVE, INACTIVE = "active", "inactive"
PERP, SPOT = "perp", "spot"
FIRST_SPOT = 2048
SMALLEST_ORDER_LOTS = 5


class Contract(Struct, frozen=True, kw_only=True):
    symbol: str
    id: int
    price: Scale
    quantity: Scale
    created: int
    status: str = ACTIVE

    @property
    def kind(self) -> str:
        return SPOT if self.id >= FIRST_SPOT else PERP


def order_book(contract: Contract) -> dict[str, object]:
    """A row of ``orderBooks``. Fees are percent."""
    return {
        "symbol": contract.symbol,
        "market_id": contract.id,
        "market_type": contract.kind,
        "base_asset_id": 0,
        "quote_asset_id": 0,
        "status": contract.status,
        "taker_fee": "0.0000",
        "is_taker_fee_enabled": True,
        "maker_fee": "0.0000",
        "is_maker_fee_enabled": True,
        "liquidation_fee": "1.0000",
        "min_base_amount": contract.quantity.text(SMALLEST_ORDER_LOTS),
        "min_quote_amount": "10.000000",
        "order_quote_limit": "281474976.710655",
        "supported_size_decimals": contract.quantity.decimals,
        "supported_price_decimals": contract.price.decimals,
        "supported_quote_decimals": 6,
        "created_at": str(contract.created),
        "multiplier": "1.000000000000000000",
    }


def details(contract: Contract, source: Source) -> dict[str, object]:
    """A row of ``orderBookDetails``: numbers, no text. Margins are in 1/10000."""
    day, (interest, _) = source.day(), source.open_interest()
    row: dict[str, object] = {
        **order_book(contract),
        "size_decimals": contract.quantity.decimals,
        "price_decimals": contract.price.decimals,
        "last_trade_price": bare(day.last),
        "daily_trades_count": day.trades,
        "daily_base_token_volume": bare(day.volume),
        "daily_quote_token_volume": bare(day.turnover),
        "daily_price_low": bare(day.low),
        "daily_price_high": bare(day.high),
        "daily_price_change": bare(day.change_pct),
        "daily_chart": {},
    }
    if contract.kind == SPOT:
        return row
    margins = {"default": 500, "min": 200}
    return {
        **row,
        **{f"{name}_initial_margin_fraction": value for name, value in margins.items()},
        "maintenance_margin_fraction": 120,
        "closeout_margin_fraction": 80,
        "quote_multiplier": 1,
        "open_interest": bare(interest),
        "market_config": {"market_margin_mode": 0, "hidden": False, "trading_hours": ""},
        "strategy_index": 2,
    }
