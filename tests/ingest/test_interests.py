"""Open interest that a stream tells is kept on the grid of exchange time."""

from decimal import Decimal

import pytest

from perps_stats.core.stored import Mark, Row
from perps_stats.core.times import from_us
from perps_stats.core.types import Gap, Market
from perps_stats.exchanges.events import Channel, MarkTick
from perps_stats.ingest.interests import Interests
from perps_stats.ingest.ledger import Ledger

MINUTE = 60_000_000
START = 1_790_000_040_000_000
BTC = Market(native="BTC", contract="BTC-USD-PERP", base="BTC", quote="USD", settle="USD")


def told(seconds: float, interest: str | None = "5.0", value: str | None = None) -> MarkTick:
    ts = START + round(seconds * 1_000_000)
    return MarkTick("BTC", ts, "60000", None, interest, value)


class Kept:
    """What was kept, and the ledger that was told."""

    def __init__(self, seconds: float | None) -> None:
        self.rows: list[tuple[str, Row]] = []
        gaps: list[Gap] = []
        self.ledger = Ledger(BTC, 7, gaps.append)
        self.interests = Interests(7, seconds, self._keep, self.ledger)

    def _keep(self, data_set: str, row: Row) -> None:
        self.rows.append((data_set, row))

    def take(self, *ticks: MarkTick) -> None:
        for tick in ticks:
            self.interests.take(tick, tick.ts + 1)


def test_the_last_before_each_grid_point_is_kept() -> None:
    """At its own time, with when it was received; what comes after none is not there yet."""
    assert START % MINUTE == 0
    kept = Kept(60.0)
    kept.take(told(58, "1.0"), told(59.5, "1.5", "90000"), told(61, "2.0"), told(119, "3.0"))
    row = ("7", "1.5", "90000", "2026-09-21 14:14:59.500000+00", "2026-09-21 14:14:59.500001+00")
    assert kept.rows == [("open_interest", row)]
    [mark] = list(kept.ledger.marks())
    first, last = from_us(START + 58_000_000), from_us(START + 119_000_000)
    assert mark == Mark(7, Channel.OPEN_INTEREST.value, first, last)


@pytest.mark.parametrize(
    ("seconds", "interest"), [(None, "1.0"), (60.0, None)], ids=["unwanted", "untold"]
)
def test_nothing_is_vouched_for_without_it(seconds: float | None, interest: str | None) -> None:
    """Where nobody wants it, and where the exchange does not tell it with its mark prices."""
    kept = Kept(seconds)
    kept.take(told(58, interest), told(61, interest))
    assert (kept.rows, list(kept.ledger.marks())) == ([], [])


def test_after_a_gap_the_last_state_is_not_known() -> None:
    """What was told before it is no sample of a later grid point."""
    kept = Kept(60.0)
    kept.take(told(58))
    kept.interests.forget()
    kept.take(told(130), told(181, str(Decimal(2))))
    assert [row[1] for _, row in kept.rows] == ["5.0"]
    assert [row[3] for _, row in kept.rows] == ["2026-09-21 14:16:10.000000+00"]
