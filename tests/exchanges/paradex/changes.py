"""Paradex's books as changes. Its decoder reads them and nothing listens to them, but for tests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from perps_stats.exchanges.contract import Subscription
from perps_stats.exchanges.paradex.stream import STREAM, subscribe, unsubscribe


def of_changes(
    ask: Callable[[Subscription], Sequence[bytes]], subscription: Subscription
) -> list[bytes]:
    return [frame.replace(b"snapshot@15@100ms", b"deltas") for frame in ask(subscription)]


DELTAS = replace(
    STREAM,
    subscribe=partial(of_changes, subscribe),
    unsubscribe=partial(of_changes, unsubscribe),
)
"""A whole frame, then changes, each frame's number one above the last."""
