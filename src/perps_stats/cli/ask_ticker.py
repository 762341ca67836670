"""``ticker``: prices and 24-hour statistics of markets now."""

import click

from perps_stats.cli.asking import Inquiry, ask
from perps_stats.cli.comparable import MULTIPLIER, UNITS, quoted
from perps_stats.cli.options import CONTEXT, Asking, asking_options
from perps_stats.cli.output import Record, Screen
from perps_stats.core.catalogue import units_of
from perps_stats.core.types import Ticker
from perps_stats.feed.client import ExchangeClient

COLUMNS = (
    "exchange",
    "symbol",
    "quote",
    "multiplier",
    "last_price",
    "mark_price",
    "index_price",
    "best_bid_price",
    "best_ask_price",
    "spread_bps",
    "low_price_24h",
    "high_price_24h",
    "price_change_pct",
    "turnover_24h",
)
FIELDS = (*Ticker.__struct_fields__, "quote", "multiplier", "spread_bps")
ALL_UNITS = {**units_of(Ticker), "multiplier": UNITS["multiplier"], "spread_bps": "bps"}
ROUNDED = frozenset({"spread_bps", "price_change_pct"})


@click.command(context_settings=CONTEXT)
@asking_options(symbols="optional")
def command(asking: Asking) -> int:
    """Prices and 24-hour statistics of markets now, one row for each."""
    inquiry = Inquiry(
        fields=FIELDS,
        screen=Screen(COLUMNS, ALL_UNITS, usual=MULTIPLIER, rounded=ROUNDED),
        units=ALL_UNITS,
        one=_ticker,
        every=_all_tickers,
    )
    return ask(inquiry, asking)


async def _ticker(client: ExchangeClient, symbol: str) -> list[Record]:
    market = await client.get_market(symbol)
    return [quoted(await client.get_ticker(symbol), market)]


async def _all_tickers(client: ExchangeClient) -> list[Record]:
    markets = {market.symbol: market for market in await client.get_markets()}
    found = await client.get_all_tickers()
    return [quoted(ticker, markets[ticker.symbol]) for ticker in found]
