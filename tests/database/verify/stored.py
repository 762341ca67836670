"""Rows whose figures were computed by hand, and what a check says of what is stored."""

from datetime import timedelta
from decimal import Decimal

from msgspec import structs
from tests.database.samples import NOON, candle, level, market, trade

from perps_stats.core.figures import LiquidityDepthStats, Slippage
from perps_stats.core.stored import Mark, Query
from perps_stats.core.types import Kline, Orderbook, Side
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.verify.running import verify
from perps_stats.database.verify.verdicts import Outcome

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOW = NOON + 5 * HOUR
BOOK = Orderbook(
    exchange="binance",
    symbol="BTC",
    bids=[level("99.99", "2"), level("99.95", "1"), level("99.80", "5")],
    asks=[level("100.01", "1"), level("100.05", "3"), level("100.20", "4")],
    timestamp=NOON,
)
"""Mid is 100; both sides are stored for 20 bps."""
DEPTH = LiquidityDepthStats(
    exchange="binance",
    symbol="BTC",
    timestamp=NOON,
    mid_price=Decimal(100),
    bid_1bps=Decimal("199.98"),
    bid_2_5bps=Decimal("199.98"),
    bid_5bps=Decimal("299.93"),
    bid_10bps=Decimal("299.93"),
    bid_20bps=Decimal("798.93"),
    bid_50bps=Decimal(5000),
    ask_1bps=Decimal("100.01"),
    ask_2_5bps=Decimal("100.01"),
    ask_5bps=Decimal("400.16"),
    ask_10bps=Decimal("400.16"),
    ask_20bps=Decimal("800.96"),
    ask_50bps=Decimal(5000),
    reach_bid_bps=Decimal(60),
    reach_ask_bps=Decimal(60),
)
COST = Slippage(
    exchange="binance",
    symbol="BTC",
    side=Side.BUY,
    trade_amount=Decimal(100),
    reference="mid",
    reference_price=Decimal(100),
    avg_price=Decimal("100.01"),
    slippage_bps=Decimal(1),
    slippage_pct=Decimal("0.0001"),
    fillable=True,
    timestamp=NOON,
)


async def run(held: PostgresRepository, *names: str, query: Query | None = None) -> list[Outcome]:
    return await verify(held.link, query or Query(), names, now=NOW, tell=lambda _step, _rows: None)


async def outcome(held: PostgresRepository, name: str) -> tuple[int, int, dict[str, int]]:
    """Equal, different, not comparable by reason."""
    found = await run(held, name)
    if not found:
        return 0, 0, {}
    (one,) = found
    return one.equal, one.different, dict(one.not_comparable)


async def differing(
    held: PostgresRepository, name: str
) -> list[tuple[str, str | None, str | None]]:
    (one,) = await run(held, name)
    return [(each.field, each.stored, each.derived) for each in one.first]


async def collected(held: PostgresRepository, seconds: float) -> None:
    """A session heard the trades of BTC from noon on."""
    ids = await held.store_markets([market()], simulated=False)
    session = await held.begin_session()
    await held.write({}, [Mark(ids["BTCUSDT"], "trades", NOON, NOON + seconds * SECOND)])
    await held.end_session(session)


def minute(number: int, *figures: str, volume: str = "1", trades: int | None = 3) -> Kline:
    """The candle of the minute, with its four prices."""
    first, high, low, last = map(Decimal, figures)
    return structs.replace(
        candle(NOON + number * MINUTE),
        open=first,
        high=high,
        low=low,
        close=last,
        volume=Decimal(volume),
        trades=trades,
    )


async def traded(held: PostgresRepository, *prices: tuple[str, float, str]) -> None:
    """Trades by id, seconds after noon and price, each of a quantity of 0.5."""
    await held.store_trades(
        [
            structs.replace(
                trade(at=NOON + after * SECOND),
                id=name,
                price=Decimal(price),
                quantity=Decimal("0.5"),
            )
            for name, after, price in prices
        ]
    )
