"""A contract that settled and is still listed: its last price, and nothing since."""

from perps_stats.sim.facts import (
    AggregateFact,
    BarFact,
    BookFact,
    DayFact,
    InterestFact,
    MarkFact,
    SettlementFact,
    Span,
    TopFact,
    TradeFact,
)
from perps_stats.sim.model.source import ModelSource

SETTLED = 1_760_515_200_000
"""2025-10-15 08:00 UTC."""
LAST_PRICE = "31.500"


class DormantSource:
    price = LAST_PRICE

    def time(self) -> int:
        return SETTLED

    def book(self, limit: int) -> BookFact:  # noqa: ARG002  # nobody quotes, however deep
        return BookFact(0, SETTLED, SETTLED, [], [])

    def top(self) -> TopFact | None:
        return None

    def day(self) -> DayFact:
        price = self.price
        return DayFact(
            open_time=SETTLED - 86_400_000,
            close_time=SETTLED,
            open=price,
            high=price,
            low=price,
            last=price,
            last_quantity="0.0",
            average=price,
            change="0.000",
            change_pct="0.000",
            volume="0.0",
            turnover="0.0000",
            first_id=-1,
            last_id=-1,
            trades=0,
        )

    def mark(self) -> MarkFact:
        return MarkFact(
            time=SETTLED,
            mark=self.price,
            average=self.price,
            index=self.price,
            settle=self.price,
            rate="0.00000000",
            next_time=0,
        )

    def mark_at(self, time: int) -> MarkFact | None:  # noqa: ARG002
        return None

    def open_interest(self) -> tuple[str, int]:
        return "0.0", SETTLED

    def bars(self, interval: str, span: Span) -> list[BarFact]:  # noqa: ARG002
        return []

    def aggregates(self, span: Span, from_id: int | None) -> list[AggregateFact]:  # noqa: ARG002
        return []

    def trades(self, limit: int) -> list[TradeFact]:  # noqa: ARG002
        return []

    def settlements(self, span: Span) -> list[SettlementFact]:  # noqa: ARG002
        return []

    def interests(self, interval: str, span: Span) -> list[InterestFact]:  # noqa: ARG002
        return []


class SettledSource(DormantSource):
    """Its candles and settlements are told until the end."""

    def __init__(self, past: ModelSource) -> None:
        self.price = past.day().last
        self._past = past

    def bars(self, interval: str, span: Span) -> list[BarFact]:
        return self._past.bars(interval, span)

    def settlements(self, span: Span) -> list[SettlementFact]:
        return self._past.settlements(span)
