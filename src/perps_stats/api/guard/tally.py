"""What was answered, what was refused and why, and how long answers took: for ``/metrics``."""

from collections import Counter

from perps_stats.api.guard.refusals import Refusal
from perps_stats.core.distributions import Buckets

SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
STATUSES = (200, 304, 400, 401, 403, 404, 429, 500, 503)
KINDS = (
    "answer-too-large",
    "bad-key",
    "bad-request",
    "database-away",
    "foreign-origin",
    "key-needed",
    "quota-exceeded",
    "scope-missing",
    "starting",
)
"""Told of before there are any: a count that begins at 1 is no increase to Prometheus."""


class Tally:
    """``answers`` by status, those of ``refusals`` by kind among them; ``seconds`` of each question
    that was let in, from its head to the end of its answer.
    """

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter(dict.fromkeys(STATUSES, 0))
        self.refusals: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.seconds = Buckets(SECONDS)

    def refuse(self, refusal: Refusal) -> None:
        self.answers[refusal.status] += 1
        self.refusals[refusal.kind] += 1
