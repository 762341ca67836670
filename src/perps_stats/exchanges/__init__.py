"""Every exchange we read. To add one: write its folder, add its line."""

from perps_stats.exchanges.binance import BINANCE
from perps_stats.exchanges.contract import Exchange
from perps_stats.exchanges.paradex import PARADEX

EXCHANGES: dict[str, Exchange] = {exchange.name: exchange for exchange in (BINANCE, PARADEX)}
