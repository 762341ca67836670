"""The markets a simulated Paradex lists, and the rows that describe them."""

from msgspec import Struct

from perps_stats.sim.scale import Scale

PERP, PERP_OPTION, OPTION, SPOT = "PERP", "PERP_OPTION", "OPTION", "SPOT"
USUAL_HOURS = 8


class Contract(Struct, frozen=True, kw_only=True):
    """``hours`` are the funding period's. What is not ``trading`` is listed and has no book."""

    symbol: str
    base: str
    price: Scale
    quantity: Scale
    kind: str = PERP
    listed: int
    hours: int = USUAL_HOURS
    trading: bool = True
    strike: str = ""


def plain(text: str) -> str:
    """A number as Paradex writes it: without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def market_row(contract: Contract) -> dict[str, object]:
    """Numbers are text, but hours and times; an option has times as text too."""
    is_option = contract.kind in {PERP_OPTION, OPTION}
    row: dict[str, object] = {
        "symbol": contract.symbol,
        "base_currency": contract.base,
        "quote_currency": "USD",
        "settlement_currency": "USDC",
        "order_size_increment": plain(contract.quantity.text(1)),
        "price_tick_size": plain(contract.price.text(1)),
        "min_notional": "10",
        "open_at": contract.listed,
        "expiry_at": 0,
        "asset_kind": contract.kind,
        "market_kind": "cross",
        "position_limit": plain(contract.quantity.text(10_000_000)),
        "price_bands_width": "0.05",
        "max_open_orders": 100,
        "max_funding_rate": "0.02",
        "price_feed_id": contract.base,
        "oracle_ewma_factor": "0.2",
        "max_order_size": plain(contract.quantity.text(1_000_000)),
        "max_funding_rate_change": "0.0005",
        "max_tob_spread": "0.2",
        "interest_rate": "0.0001",
        "clamp_rate": "0.0005",
        "funding_period_hours": contract.hours,
        "funding_multiplier": 1,
        "trading_mode": "STANDARD" if contract.trading else "RFQ_ONLY",
        "tags": [],
    }
    return row | option_part(contract) if is_option else row


def option_part(contract: Contract) -> dict[str, object]:
    return {
        "open_at": str(contract.listed),
        "expiry_at": "0",
        "funding_period_hours": str(contract.hours),
        "option_type": "CALL" if contract.symbol.endswith("C") else "PUT",
        "strike_price": contract.strike,
        "iv_bands_width": "0.05",
    }
