"""The scenario of a seed."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from msgspec.structs import replace
from tests.simulation.rest import RestFault
from tests.simulation.simulation import Scenario
from tests.simulation.trouble import OfVenue, Trouble, troubles

from perps_stats.ingest.grids import Grids

VENUES = ("binance", "kucoin", "lighter", "paradex")
COINS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "AVAX", "LINK", "SUI", "NEAR", "AAVE")
MORE_COINS = ("BNB", "ADA", "LTC", "TRX", "DOT", "UNI", "ARB", "OP", "HYPE", "YFI")
MOST_BANS = 2
CALM_SECONDS = 42.0
"""How long after the last trouble begins all must be well."""


def short(seed: int) -> Scenario:
    """One venue, in turn, for about a minute."""
    chance = Random(seed)  # noqa: S311  # a seed is the point of it
    venues = (VENUES[seed % len(VENUES)],)
    troubled = chance.uniform(10, 25)
    return Scenario(
        seed=seed,
        venues=venues,
        symbols=tuple(chance.sample(COINS, 2)),
        seconds=troubled + CALM_SECONDS,
        troubles=tuple(troubles(chance, venues, (4.0, troubled), chance.randint(1, 6))),
    )


def subtle(seed: int) -> Scenario:
    """One venue, whose numbers jump, and whose connection goes mute on one channel."""
    chance = Random(seed)  # noqa: S311
    venue = VENUES[seed % len(VENUES)]
    return Scenario(
        seed=seed,
        venues=(venue,),
        symbols=tuple(chance.sample(COINS, 2)),
        seconds=65.0,
        troubles=tuple(
            Trouble(at, venue, what, 0.0, chance.random())
            for at, what in ((chance.uniform(5, 9), OfVenue.JUMP), (12.0, OfVenue.MUTE_CHANNEL))
        ),
    )


def _lenient(drawn: list[Trouble]) -> Iterator[Trouble]:
    """Nobody is banned a third time within the hour: then an exchange is given up for long."""
    bans: Counter[str] = Counter()
    for trouble in drawn:
        bans[trouble.venue] += trouble.what is RestFault.BANNED
        third = trouble.what is RestFault.BANNED and bans[trouble.venue] > MOST_BANS
        yield replace(trouble, what=RestFault.FAILS) if third else trouble


def hour(seed: int, seconds: float = 3600.0, count: int = 1000, symbols: int = 20) -> Scenario:
    """Four exchanges of 20 symbols, and so many troubles in an hour."""
    chance = Random(seed)  # noqa: S311
    return Scenario(
        seed=seed,
        venues=VENUES,
        symbols=(*COINS, *MORE_COINS)[:symbols],
        seconds=seconds,
        troubles=tuple(_lenient(troubles(chance, VENUES, (10.0, seconds - 60), count))),
        grids=Grids(),
        step=0.5,
    )
