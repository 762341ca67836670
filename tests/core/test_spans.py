"""Sets of spans behave as the sets of instants they stand for."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.spans import Span, united, without
from perps_stats.core.times import EPOCH

MINUTE = timedelta(minutes=1)
BOUND = st.integers(0, 40)
SPANS = st.lists(st.tuples(BOUND, BOUND), max_size=8)


def spans(bounds: list[tuple[int, int]]) -> list[Span]:
    return [Span(EPOCH + first * MINUTE, EPOCH + after * MINUTE) for first, after in bounds]


def minutes(bounds: list[tuple[int, int]]) -> set[int]:
    return {minute for first, after in bounds for minute in range(first, after)}


def minutes_in(found: list[Span]) -> list[int]:
    return [
        minute
        for span in found
        for minute in range((span.start - EPOCH) // MINUTE, (span.end - EPOCH) // MINUTE)
    ]


def are_apart(found: list[Span]) -> bool:
    """In order, none empty, none touching the next."""
    edges = [edge for span in found for edge in span]
    return all(earlier < later for earlier, later in pairwise(edges))


@given(SPANS)
def test_a_union_holds_each_instant_once(bounds: list[tuple[int, int]]) -> None:
    """Every minute of any span, none twice, in as few spans as there can be."""
    found = united(spans(bounds))
    assert minutes_in(found) == sorted(minutes(bounds))
    assert are_apart(found)


@given(SPANS, SPANS)
def test_a_difference_is_what_is_wanted_and_not_held(
    wanted: list[tuple[int, int]], held: list[tuple[int, int]]
) -> None:
    """Every minute that is in the one and not in the other."""
    found = without(spans(wanted), spans(held))
    assert minutes_in(found) == sorted(minutes(wanted) - minutes(held))
    assert are_apart(found)
