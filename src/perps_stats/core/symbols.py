"""The grammar of symbols, and the look-up of what a user typed among the markets an exchange lists.

``BTC`` global · ``BTC-USDT-PERP`` canonical · ``binance:BTC-USDT-PERP`` full ·
``BTC/USDT:USDT`` ccxt · ``BTCUSDT`` native. No suffix is ever guessed: a name is known because the
exchange listed it. ``1000PEPE``, ``kPEPE`` and ``KPEPE`` are PEPE by the thousand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.types import Market, MarketStatus

MULTIPLIED = re.compile(r"(1000000|10000|1000|1M|k(?=[A-Z0-9]))(\D.+)")
"""``k`` only in lower case: KAVA is a coin."""
FACTORS = {"1M": 1_000_000, "k": 1000}
SPELT: dict[int, tuple[str, ...]] = {1000: ("1000", "k"), 1_000_000: ("1000000", "1M")}
"""How users write a multiplied coin, whatever the exchange calls it."""


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
    if match is None:
        return (base, 1)
    return match[2], FACTORS.get(match[1]) or int(match[1])


def canonical(base: str, quote: str) -> str:
    return f"{base}-{quote}-PERP"


def base_of(symbol: str) -> str:
    """The coin of one of our symbols: ``BTC`` of ``BTC`` and of ``BTC-USDC-PERP``."""
    return symbol.partition("-")[0]


def ccxt_name(market: Market) -> str:
    return f"{market.base}/{market.quote}:{market.settle}"


def full_name(market: Market) -> str:
    return f"{market.exchange}:{market.contract}"


def split_full(name: str) -> tuple[str | None, str]:
    """``binance:BTC`` gives the exchange and the rest; ``BTC/USDT:USDT`` has no exchange."""
    match = re.fullmatch(r"([a-z][a-z0-9_-]*):(.+)", name)
    return (match[1], match[2]) if match else (None, name)


def shares_a_base(markets: Iterable[Market]) -> bool:
    """Whether any coin trades against several quotes, so that one of them must be preferred."""
    return (
        max(Counter(base for base, _ in {(m.base, m.quote) for m in markets}).values(), default=0)
        > 1
    )


def with_symbols(
    markets: Sequence[Market],
    exchange: str,
    quotes: Sequence[str],
    turnovers: Mapping[str, Decimal] | None = None,
) -> list[Market]:
    """Stamp the exchange and the shortest unambiguous symbol on each market.

    Where contracts share a base, one that trades comes before one that does not, then the quote
    with the greatest turnover on the exchange, then the one that is first in ``quotes``. The first
    takes the bare name; if that does not decide, none does. A symbol is never the native name of
    another market.
    """
    best = _preferred(markets, quotes, turnovers or {})
    contracts = Counter(market.contract for market in markets)
    natives = {market.native for market in markets}

    def symbol_of(market: Market) -> str:
        bare = [market.base] if best[market.base] is market else []
        whole = [market.contract] if contracts[market.contract] == 1 else []
        others = natives - {market.native}
        return next(name for name in (*bare, *whole, market.native) if name not in others)

    return [
        msgspec.structs.replace(market, exchange=exchange, symbol=symbol_of(market))
        for market in markets
    ]


def _preferred(
    markets: Iterable[Market], quotes: Sequence[str], turnovers: Mapping[str, Decimal]
) -> dict[str, Market | None]:
    """The market that each base name means; ``None`` where nothing decides."""

    def rank(market: Market) -> tuple[bool, Decimal, int]:
        place = quotes.index(market.quote) if market.quote in quotes else len(quotes)
        return (
            market.status is not MarketStatus.TRADING,
            -turnovers.get(market.quote, Decimal(0)),
            place,
        )

    best: dict[str, Market | None] = {}
    ranks: dict[str, tuple[bool, Decimal, int]] = {}
    for market in sorted(markets, key=rank):
        if market.base not in best:
            best[market.base], ranks[market.base] = market, rank(market)
        elif rank(market) == ranks[market.base]:
            best[market.base] = None
    return best


class Registry:
    """The markets of one exchange, by every name they go by.

    A name as the exchange writes it comes first, then our symbol, then any form in any case, then
    the ways in which users write a multiplied coin, and the exchange's own name of a coin
    (``aliases``).
    """

    def __init__(self, markets: Iterable[Market], aliases: Mapping[str, str] | None = None) -> None:
        self.markets = list(markets)
        natives, symbols, forms, habits = (dict[str, list[Market]]() for _ in range(4))
        self._tiers = (natives, symbols, forms, habits)
        named = {market.base for market in self.markets if market.symbol == market.base}
        theirs = {ours: theirs for theirs, ours in (aliases or {}).items()}
        for market in self.markets:
            bare = market.symbol == market.base or market.base not in named
            _enter(natives, market, [market.native])
            _enter(symbols, market, [market.symbol])
            own = [market.symbol, market.native, *_forms(market, market.base, bare=bare)]
            _enter(forms, market, map(str.upper, own))
            written = [f"{factor}{market.base}" for factor in SPELT.get(int(market.multiplier), ())]
            written += [theirs[market.base]] if market.base in theirs else []
            for base in written:
                _enter(habits, market, map(str.upper, _forms(market, base, bare=bare)))

    def find(self, symbol: str) -> Market:
        """Raises ``UnknownMarket`` with near names, or with the candidates of an ambiguous one."""
        found = self._found(symbol)
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownMarket(symbol, [market.symbol for market in found], ambiguous=True)
        names = {name for m in self.markets for name in (m.symbol, m.native, m.contract)}
        raise UnknownMarket(symbol, sorted(names))

    def _found(self, symbol: str) -> list[Market]:
        upper = symbol.upper()
        spellings = zip(self._tiers, (symbol, symbol, upper, upper), strict=True)
        found = (tier[name] for tier, name in spellings if name in tier)
        return next(found, list[Market]())

    def __contains__(self, symbol: str) -> bool:
        return len(self._found(symbol)) == 1


def _forms(market: Market, base: str, *, bare: bool) -> list[str]:
    contract = canonical(base, market.quote)
    forms = [contract, f"{base}/{market.quote}:{market.settle}"]
    forms += [f"{market.exchange}:{form}" for form in (contract, *([base] if bare else []))]
    return [*forms, base] if bare else forms


def _enter(names: dict[str, list[Market]], market: Market, forms: Iterable[str]) -> None:
    for name in dict.fromkeys(forms):
        names.setdefault(name, []).append(market)
