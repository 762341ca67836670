"""Every exchange we read. To add one: write its folder, add its line."""

from perps_stats.exchanges.binance import BINANCE
from perps_stats.exchanges.contract import Exchange

EXCHANGES: dict[str, Exchange] = {exchange.name: exchange for exchange in (BINANCE,)}
