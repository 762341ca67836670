"""The coins the model can trade: their anchors, grids and habits. No exchange owns these words.

Beside the known ones there are made-up ones, C001 to C999, for whoever needs many.
"""

import re
from itertools import chain
from typing import NamedTuple

import msgspec

from perps_stats.core.errors import BadInput, near_names
from perps_stats.sim.scale import Scale

DAY_MS = 86_400_000
LISTED = 1_672_531_200_000
"""Where nothing else is said: the first day of 2023."""
HOURLY = (1.9, 1.3, 1.1, 0.9, 1.0)
"""How busy a minute of the hour is: the first, then four kinds in turn."""


class Coin(msgspec.Struct, frozen=True, kw_only=True):
    """``turnover`` and ``interest`` are in quote coin, a day's and the open one."""

    name: str
    price: float
    tick: Scale
    lot: Scale
    prints: int
    """Aggregated trades of an average minute."""
    turnover: float
    interest: float
    multiple: int = 1
    """Coins in one unit of the contract: 1000 for PEPE."""
    spread: int = 1
    funding_hours: int = 8
    funding_before: tuple[int, int] | None = None
    """Until when funding was settled every how many hours instead; a multiple of both."""
    cap: float | None = None
    """The greatest funding rate, where it is not the usual one."""
    listed: int = LISTED
    busy_hours: tuple[int, ...] = tuple(range(24))
    busy_minutes: tuple[int, ...] = tuple(range(60))
    """Of a day in UTC and of such an hour: nobody trades in the others. Even in number."""

    @property
    def minute_prints(self) -> tuple[int, ...]:
        """How many prints each minute of a day has: even, and at least 12 where there are any."""
        weights = [HOURLY[0] if m == 0 else HOURLY[1 + m % 4] for m in range(60)]
        mean = sum(weights) / 60
        hour = [max(6, round(self.prints * w / mean / 2)) * 2 for w in weights]
        busy = [prints if m in self.busy_minutes else 0 for m, prints in enumerate(hour)]
        hours = (busy if h in self.busy_hours else [0] * 60 for h in range(24))
        return tuple(chain.from_iterable(hours))


class _Row(NamedTuple):
    name: str
    price: float
    tick: tuple[int, int]
    lot: tuple[int, int]
    prints: int
    millions: int
    """Turnover of a day."""


_ROWS = (
    _Row("BTC", 95_000, (10, 2), (1, 3), 240, 9000),
    _Row("ETH", 3_300, (1, 2), (1, 3), 180, 6000),
    _Row("SOL", 180, (100, 4), (1, 2), 120, 2500),
    _Row("BNB", 650, (10, 3), (1, 2), 60, 800),
    _Row("XRP", 2.2, (1, 4), (1, 1), 90, 1500),
    _Row("DOGE", 0.2, (1, 5), (1, 0), 60, 900),
    _Row("ADA", 0.7, (1, 4), (1, 0), 40, 400),
    _Row("AVAX", 25, (1, 3), (1, 1), 40, 300),
    _Row("LINK", 15, (1, 3), (1, 2), 40, 300),
    _Row("LTC", 95, (1, 2), (1, 3), 30, 200),
    _Row("SUI", 3, (1, 4), (1, 1), 40, 500),
    _Row("TRX", 0.25, (1, 5), (1, 0), 24, 120),
    _Row("DOT", 4.5, (1, 3), (1, 1), 24, 120),
    _Row("UNI", 8, (1, 3), (1, 1), 24, 120),
    _Row("AAVE", 250, (1, 2), (1, 2), 24, 200),
    _Row("NEAR", 2.8, (1, 4), (1, 1), 24, 120),
    _Row("ARB", 0.4, (1, 5), (1, 1), 24, 150),
    _Row("OP", 0.7, (1, 5), (1, 1), 24, 150),
    _Row("HYPE", 35, (1, 3), (1, 2), 60, 900),
    _Row("YFI", 5200, (1, 0), (1, 3), 24, 120),
    _Row("PEPE", 0.0085, (1, 7), (1, 0), 60, 700),
)
_LISTED = {
    "BTC": 1_569_369_600_000,
    "ETH": 1_574_812_800_000,
    "SOL": 1_600_041_600_000,
    "HYPE": 1_748_615_400_000,
}
"""HYPE: 2025-05-30 14:30 UTC."""
_CAPS = {"SOL": 0.02, "DOGE": 0.02, "PEPE": 0.02}
_EVERY_FOUR_HOURS = {"DOGE", "PEPE"}
_BEFORE = {"DOGE": (1_752_105_600_000, 8)}
"""Every eight hours until 2025-07-10 00:00 UTC."""
_QUIET = {"YFI"}
"""Traded from 13 to 19 h UTC, in every third minute."""


def _coin(row: _Row) -> Coin:
    coin = Coin(
        name=row.name,
        price=row.price,
        tick=Scale(*row.tick),
        lot=Scale(*row.lot),
        prints=row.prints,
        turnover=row.millions * 1e6,
        interest=row.millions * 0.6e6,
        multiple=1000 if row.name == "PEPE" else 1,
        funding_hours=4 if row.name in _EVERY_FOUR_HOURS else 8,
        cap=_CAPS.get(row.name),
        funding_before=_BEFORE.get(row.name),
        listed=_LISTED.get(row.name, LISTED),
    )
    if row.name not in _QUIET:
        return coin
    hours, minutes = tuple(range(13, 19)), tuple(range(0, 60, 3))
    return msgspec.structs.replace(coin, busy_hours=hours, busy_minutes=minutes)


COINS = {row.name: _coin(row) for row in _ROWS}
MOST_MADE_UP = 999
_MADE_UP = re.compile("C(?!000)([0-9]{3})")
_LIKE = ("DOT", "AVAX", "ARB", "AAVE", "OP")
_STRAY = 97


def coin_named(name: str) -> Coin:
    """Raises ``BadInput`` that lists what can be traded."""
    if name in COINS:
        return COINS[name]
    number = number_of(name)
    if number is not None:
        return _made_up(name, number)
    near = near_names(name, list(COINS)) or list(COINS)
    raise BadInput("symbols", name, f"the simulated market trades {', '.join(near)}, C001 to C999")


def made_up_names(count: int) -> tuple[str, ...]:
    return tuple(f"C{number:03d}" for number in range(1, count + 1))


def number_of(name: str) -> int | None:
    """Of a made-up coin, from 1."""
    match = _MADE_UP.fullmatch(name)
    return None if match is None else int(match[1])


def _made_up(name: str, number: int) -> Coin:
    """Like one of the known coins, at up to twice its price."""
    like = COINS[_LIKE[number % len(_LIKE)]]
    price = like.price * (1 + number % _STRAY / _STRAY)
    return msgspec.structs.replace(like, name=name, price=price, turnover=200e6, interest=120e6)
