"""What a process knows now, without asking the database: the protocol that its faces read it by."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

Told: TypeAlias = Callable[[Sequence[Struct]], None]
Stop: TypeAlias = Callable[[], None]
BOOK_LEVELS = 50
STREAMS: Mapping[str, tuple[str, ...]] = {
    "tickers": ("best", "day", "mark"),
    "orderbooks": ("orderbook",),
    "liquidity": ("orderbook",),
    "slippage": ("orderbook",),
    "funding_rates": ("funding",),
    "open_interest": ("open_interest",),
    "trades": ("trades",),
    "liquidations": ("liquidations",),
    "klines": ("klines",),
    "liquidity_averages": ("orderbook",),
    "gaps": (),
}
"""The streams that a data set comes from: while one of them is in a gap, it is in doubt."""
EVENTS = frozenset({"trades", "liquidations", "klines", "liquidity_averages", "gaps"})
"""Data sets of which every row counts; of the others only the newest."""


class LiveSource(Protocol):
    """Nothing blocks. Rows are of the catalogue's types, and their times the exchange's own.

    Markets are named by exchange and symbol, as rows name them.
    """

    def markets(self) -> Sequence[tuple[str, str]]:
        """Those that are listened to now, in order."""
        ...

    def simulated(self) -> Mapping[str, bool]:
        """By exchange, whether its data comes from a simulator."""
        ...

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        """What holds now: of ``EVENTS`` the last row of each kind, of ``gaps`` the open ones, of
        ``orderbooks`` the best ``depth`` levels a side. Empty: nothing is vouched for now, or it is
        not known without asking.
        """
        ...

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        """Grows whenever ``newest`` would answer otherwise; 0: there was never anything."""
        ...

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        """It is wanted from now on, until what is returned is called. ``told`` is given every new
        row of ``EVENTS``, in order; gaps when they open, when they close and when they are filled.
        Of the other data sets it is told nothing: see ``version``.
        """
        ...
