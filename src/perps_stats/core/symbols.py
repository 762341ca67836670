"""The grammar of symbols, and the look-up of what a user typed among the markets an exchange lists.

``BTC`` global · ``BTC-USDT-PERP`` canonical · ``binance:BTC-USDT-PERP`` full ·
``BTC/USDT:USDT`` ccxt · ``BTCUSDT`` native. No suffix is ever guessed: a name is known because the
exchange listed it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.types import Market

MULTIPLIED = re.compile(r"(1000000|10000|1000)(\D.+)")


def coins_of(bases: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The coin that each of an exchange's base names counts, and how many make one unit.

    ``1000PEPE`` is a thousand PEPE, ``1INCH`` a coin. Where two listed names would mean one coin
    (``1000CAT`` beside ``CAT``), they are two coins and each keeps its own name.
    """
    read = {base: _coin(base) for base in bases}
    claims = Counter(coin for coin, _ in read.values())
    return {base: read[base] if claims[read[base][0]] == 1 else (base, 1) for base in read}


def _coin(base: str) -> tuple[str, int]:
    match = MULTIPLIED.fullmatch(base)
    return (match[2], int(match[1])) if match else (base, 1)


def canonical(base: str, quote: str) -> str:
    return f"{base}-{quote}-PERP"


def ccxt_name(market: Market) -> str:
    return f"{market.base}/{market.quote}:{market.settle}"


def full_name(market: Market) -> str:
    return f"{market.exchange}:{market.contract}"


def split_full(name: str) -> tuple[str | None, str]:
    """``binance:BTC`` gives the exchange and the rest; ``BTC/USDT:USDT`` has no exchange."""
    match = re.fullmatch(r"([a-z][a-z0-9_-]*):(.+)", name)
    return (match[1], match[2]) if match else (None, name)


def with_symbols(markets: Sequence[Market], exchange: str, quotes: Sequence[str]) -> list[Market]:
    """Stamp the exchange and the shortest unambiguous symbol on each market.

    Where contracts share a base, the one whose quote comes first in ``quotes`` takes the bare name.
    """
    ranked = sorted(markets, key=lambda market: _rank(market.quote, quotes))
    bare: dict[str, Market] = {}
    for market in ranked:
        bare.setdefault(market.base, market)
    return [
        msgspec.structs.replace(
            market,
            exchange=exchange,
            symbol=market.base if bare[market.base] is market else market.contract,
        )
        for market in markets
    ]


def _rank(quote: str, quotes: Sequence[str]) -> int:
    return quotes.index(quote) if quote in quotes else len(quotes)


class Registry:
    """The markets of one exchange, by every name they go by. Names are case-insensitive."""

    def __init__(self, markets: Iterable[Market]) -> None:
        self.markets = list(markets)
        self._by_name: dict[str, list[Market]] = {}
        self._by_native = {market.native: market for market in self.markets}
        for market in self.markets:
            names = (
                market.symbol,
                market.native,
                market.contract,
                ccxt_name(market),
                full_name(market),
            )
            for name in {name.upper() for name in names}:
                self._by_name.setdefault(name, []).append(market)

    def find(self, symbol: str) -> Market:
        """Raises ``UnknownMarket`` with near names, or with the candidates of an ambiguous one."""
        found = self._by_name.get(symbol.upper(), [])
        if len(found) == 1:
            return found[0]
        if found:
            names = [market.contract for market in found]
            raise UnknownMarket(symbol, names, ambiguous=True)
        raise UnknownMarket(symbol, [market.symbol for market in self.markets])

    def native(self, native: str) -> Market | None:
        """The market of an exchange's own name, exactly as the exchange writes it."""
        return self._by_native.get(native)

    def __contains__(self, symbol: str) -> bool:
        return len(self._by_name.get(symbol.upper(), [])) == 1
