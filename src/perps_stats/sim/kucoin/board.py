"""What a simulated KuCoin lists of the model's world, with the oddities of the real lists.

Beside the world's coins against USDT: 1000PEPE, the first coin against USDC with hourly funding,
its inverse perpetual, its next quarter, and a contract that is paused.
"""

from itertools import count

from msgspec.structs import replace

from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.dialect.dormant import SETTLED
from perps_stats.sim.dialect.sequence import Sequence
from perps_stats.sim.facts import BookFact, Source, Truth
from perps_stats.sim.kucoin.listing import DATED, HOUR_MS, PAUSED, Contract
from perps_stats.sim.kucoin.sources import InverseSource, ListedSource
from perps_stats.sim.model.coins import COINS, Coin
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.scale import Scale

USUAL, QUIET = Terms(smaller=10, prints=60), Terms(smaller=60, prints=20, spread=2)
THOUSANDTH = Scale(1, 3)
DOLLAR = Scale(1, 0)
QUARTER_MS = 7_776_000_000
TOKEN_MS = 24 * HOUR_MS


class Board(ModelBoard[Contract]):
    """``sources`` count in lots, as the wire does; ``source`` and ``truth`` in base coin."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "kucoin")
        self._sequences: dict[str, Sequence] = {}
        self._listed: dict[str, ListedSource] = {}
        self._tokens: dict[str, int] = {}
        self._numbers = count(1)

    def open_market(self, contract: Contract, coin: Coin, terms: Terms, name: str = "") -> None:
        symbol, fitted = contract.symbol, replace(terms, tick=contract.price, lot=contract.lot)
        told = self.add(symbol, contract, coin, fitted, name=name and f"kucoin:{name}")
        self._sequences[symbol] = Sequence(told)
        kind = InverseSource if contract.inverse else ListedSource
        self._listed[symbol] = kind(told, contract, lambda: self._sequences[symbol].last)

    def told(self, symbol: str) -> Source | None:
        """In lots."""
        return super().source(symbol)

    def source(self, symbol: str) -> Source | None:
        return self._listed.get(symbol) or super().source(symbol)

    def truth(self, symbol: str) -> Truth:
        return self._listed[symbol].truth()

    def sequence(self, symbol: str) -> Sequence:
        """Raises ``KeyError`` for a symbol that does not trade."""
        return self._sequences[symbol]

    def numbered_book(self, symbol: str, limit: int) -> BookFact | None:
        """In lots; ``last`` is the sequence."""
        book = self.depth(symbol, limit)
        if book is None or symbol not in self._sequences:
            return book
        return replace(book, last=self._sequences[symbol].last)

    def mint(self) -> str:
        """A token for the stream: good for 24 hours."""
        token = f"2neAiuYvAU61ZDXANAGAsiL4-{next(self._numbers):032d}.sb29ayXiBOmPXNoHkkMaUA=="
        self._tokens[token] = self.time() + TOKEN_MS
        return token

    def takes(self, token: str) -> bool:
        return self.time() < self._tokens.get(token, 0)


def board_of(world: World) -> Board:
    board = Board(world)
    for coin in {**world.coins, "PEPE": COINS["PEPE"]}.values():
        board.open_market(perpetual(coin, "USDT"), coin, USUAL)
    first = next(iter(world.coins.values()))
    hourly = replace(perpetual(first, "USDC"), hours=1)
    board.open_market(hourly, first, replace(QUIET, funding_hours=1), "USDC")
    board.open_market(inverse(first), in_dollars(first), QUIET, "USD")
    board.open_market(dated(first, world.clock()), in_dollars(first), QUIET, "quarter")
    paused = replace(perpetual(COINS["TRX"], "USDT"), symbol="LUNAUSDTM", base="LUNA")
    board.add_dormant(
        paused.symbol, replace(paused, status=PAUSED, lot=Scale(1, 1), onboard=SETTLED - QUARTER_MS)
    )
    return board


def perpetual(coin: Coin, quote: str) -> Contract:
    """BTC is XBT; a lot is ten of the coin's own, but a thousandth of it."""
    name = "XBT" if coin.name == "BTC" else coin.name
    base = name if coin.multiple == 1 else f"{coin.multiple}{name}"
    return Contract(
        symbol=f"{base}{quote}M",
        base=base,
        quote=quote,
        settle=quote,
        price=plain(coin.tick),
        lot=THOUSANDTH if coin.name == "BTC" else tenfold(coin.lot),
        onboard=coin.listed,
        hours=coin.funding_hours,
        cap="0.003" if coin.cap is None else f"{coin.cap:f}",
    )


def inverse(coin: Coin) -> Contract:
    """Settled in the coin itself."""
    like = perpetual(coin, "USD")
    return replace(like, settle=like.base, inverse=True, lot=DOLLAR)


def dated(coin: Coin, now: int) -> Contract:
    """The next quarter."""
    end = now - now % QUARTER_MS + QUARTER_MS
    return replace(inverse(coin), symbol=f"{inverse(coin).base}MZ26", kind=DATED, expires=end)


def in_dollars(coin: Coin) -> Coin:
    """Of which a unit is a dollar: so many lots are traded as the coin's own turnover says."""
    by_price = {"turnover": coin.turnover * coin.price, "interest": coin.interest * coin.price}
    return replace(coin, **by_price)


def tenfold(lot: Scale) -> Scale:
    return Scale(lot.unit, lot.decimals - 1) if lot.decimals else Scale(lot.unit * 10, 0)


def plain(tick: Scale) -> Scale:
    """0.10 is told as 0.1."""
    unit, decimals = tick.unit, tick.decimals
    while unit % 10 == 0 and decimals:
        unit, decimals = unit // 10, decimals - 1
    return Scale(unit, decimals)
