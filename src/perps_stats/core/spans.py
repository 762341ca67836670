"""Half-open spans of time, and sets of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From ``start``, before ``end``."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def united(spans: Iterable[Span]) -> list[Span]:
    """In order; what touches or overlaps is one, what is empty is none."""
    found: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(wanted: Iterable[Span], held: Iterable[Span]) -> list[Span]:
    """What is ``wanted`` and not ``held``."""
    left: list[Span] = []
    cuts = united(held)
    for span in united(wanted):
        start = span.start
        for cut in cuts:
            if cut.end > start and cut.start < span.end:
                left.append(Span(start, cut.start))
                start = cut.end
        left.append(Span(start, span.end))
    return united(left)
