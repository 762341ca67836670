"""A contract that settled long ago and is still listed: its last prices, and nothing since."""

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

SETTLED = 1_644_912_000_000
LAST_PRICE = "31.500"


class DormantSource:
    def time(self) -> int:
        return SETTLED

    def book(self, limit: int) -> BookFact:  # noqa: ARG002  # nobody quotes, however deep
        return BookFact(0, SETTLED, SETTLED, [], [])

    def top(self) -> TopFact | None:
        return None

    def day(self) -> DayFact:
        price = LAST_PRICE
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
            mark=LAST_PRICE,
            average=LAST_PRICE,
            index=LAST_PRICE,
            settle=LAST_PRICE,
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
