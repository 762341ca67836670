"""The memory of 500 live books of 1000 levels a side, and whether half an hour makes it grow.

Accelerated: as many updates as 500 busy markets send in 30 minutes at ten a second, as fast as
they are applied. Levels come, change and go all over the book. A program of its own: prints the
megabytes of the books, how they grow in an hour, and the most the process took.
"""

import gc
import os
import random
from pathlib import Path
from statistics import linear_regression

import msgspec
from msgspec import Raw

from perps_stats.core.types import Market
from perps_stats.exchanges.events import BookDelta, BookSnapshot
from perps_stats.feed.book import LiveBook

BOOKS, LEVELS, SECONDS, PER_SECOND = 500, 1000, 1800, 10
SAMPLES = 60
CHANGES = 10
"""Levels a side and update."""
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def raw(levels: list[tuple[str, str]]) -> Raw:
    return Raw(msgspec.json.encode(levels))


def market(number: int) -> Market:
    native = f"C{number:03}USDT"
    return Market(
        exchange="bench",
        symbol=native,
        native=native,
        contract=native,
        base=native,
        quote="USDT",
        settle="USDT",
        price_scale=2,
        quantity_scale=3,
    )


def snapshot(native: str) -> BookSnapshot:
    bids = [(f"{1000 - tick / 100:.2f}", "1.000") for tick in range(1, LEVELS + 1)]
    asks = [(f"{1000 + tick / 100:.2f}", "1.000") for tick in range(1, LEVELS + 1)]
    return BookSnapshot(native, 0, 0, raw(bids), raw(asks), LEVELS)


def changes(chance: random.Random, centre: int) -> tuple[Raw, Raw]:
    """Each side: some levels set, as many removed, within the snapshot's reach of mid."""

    def side(sign: int) -> Raw:
        ticks = [centre + sign * chance.randint(1, LEVELS) for _ in range(CHANGES)]
        sizes = [0 if number % 2 else chance.randint(1, 5000) for number in range(CHANGES)]
        return raw(
            [(f"{tick / 100:.2f}", f"{s / 1000:.3f}") for tick, s in zip(ticks, sizes, strict=True)]
        )

    return side(-1), side(1)


def main() -> None:
    gc.collect()
    before = resident()
    markets = [market(number) for number in range(BOOKS)]
    books = [LiveBook(each) for each in markets]
    for each, book in zip(markets, books, strict=True):
        book.start(snapshot(each.native))
    held = resident() - before
    chance = random.Random(7)  # noqa: S311 a load, no secret
    pool = [changes(chance, 100_000 + chance.randint(-50, 50)) for _ in range(5000)]
    grown: list[tuple[float, float]] = []
    rounds = SECONDS * PER_SECOND
    for number in range(1, rounds + 1):
        bids, asks = pool[number % len(pool)]
        for each, book in zip(markets, books, strict=True):
            book.apply(BookDelta(each.native, number, number, number, number - 1, bids, asks))
        if number % (rounds // SAMPLES) == 0:
            grown.append((number / PER_SECOND / 3600, resident() / 1e6))
    settled = grown[SAMPLES // 4 :]
    slope = linear_regression(*zip(*settled, strict=True)).slope
    print(round(held / 1e6), f"{slope:.3f}", round(max(size for _, size in grown)))


if __name__ == "__main__":
    main()
