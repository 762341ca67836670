"""Quotas: how many requests a caller may make, and what it is told of it."""

from hypothesis import given
from hypothesis import strategies as some
from tests.api.guard.known import Clock

from perps_stats.api.guard.quota import Quota


def test_a_bucket_is_emptied_and_refills_evenly() -> None:
    """Sixty at once; then one a second, as 60 a minute are."""
    clock = Clock()
    quota = Quota("key", 60, clock)
    assert [quota.take("a").left for _ in range(60)] == [*range(59, -1, -1)]
    assert round(quota.take("a").wait, 6) == 1.0
    clock.now += 0.4
    assert round(quota.take("a").wait, 6) == 0.6
    clock.now += 0.6
    assert (quota.take("a").wait, quota.take("a").wait > 0) == (0.0, True)
    clock.now += 60
    assert quota.take("a").left == 59


def test_callers_have_a_bucket_each() -> None:
    """What one takes is not missed by another."""
    quota = Quota("key", 1, Clock())
    assert quota.take("a").wait == 0
    assert quota.take("a").wait > 0
    assert quota.take("b").wait == 0


def test_it_is_told_as_the_draft_has_it() -> None:
    """The quota and its window; what is left, and the seconds until it is whole again."""
    clock = Clock()
    quota = Quota("key", 120, clock)
    standing = [quota.take("a") for _ in range(4)][-1]
    assert quota.told(standing) == (
        (b"ratelimit-policy", b'"key";q=120;w=60'),
        (b"ratelimit", b'"key";r=116;t=2'),
    )


@given(
    most=some.integers(1, 50),
    steps=some.lists(some.tuples(some.integers(0, 90), some.integers(0, 60)), max_size=30),
)
def test_no_more_than_a_bucket_and_what_flowed_in(most: int, steps: list[tuple[int, int]]) -> None:
    """However it is asked: in any time at most a bucket and a minute's part of one; and whoever
    waits as long as he was told is let in.
    """
    clock = Clock()
    quota, begun, taken = Quota("key", most, clock), clock.now, 0
    for pause, asked in steps:
        clock.now += pause
        for _ in range(asked):
            standing = quota.take("a")
            taken += standing.wait == 0
            if standing.wait:
                assert standing.wait <= 60 / most + 1e-6
        assert taken <= most + (clock.now - begun) * most / 60 + 1e-3


def test_who_stays_away_is_forgotten_and_not_favoured() -> None:
    """Memory holds those of the last two minutes; who has emptied his bucket is among them."""
    clock = Clock()
    quota = Quota("key", 60, clock)
    for number in range(1000):
        quota.take(f"once {number}")
    for _ in range(60):
        quota.take("often")
    clock.now += 61
    assert quota.take("other").left == 59
    assert len(quota._full) + len(quota._before) == 1002
    clock.now += 61
    quota.take("other")
    assert len(quota._full) + len(quota._before) == 2
