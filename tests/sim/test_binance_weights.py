"""How requests are counted and refused."""

from perps_stats.sim.binance.words import BANS, FUNDING, LIMITS, MINUTE
from perps_stats.sim.dialect.weights import Verdict, Weights

from .wire import NOON, Clock

FUNDING_COST = {FUNDING: 1}


def weights() -> tuple[Weights, Clock]:
    clock = Clock()
    return Weights(clock, LIMITS, BANS), clock


def told(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.status, verdict.used, verdict.retry_after


def test_a_minute_holds_2400_and_no_more() -> None:
    """The request that goes beyond is told how long the minute lasts; the next minute is new."""
    counted, clock = weights()
    clock.now = NOON + 20_000
    assert told(counted.charge("a", {MINUTE: 2400})) == (200, 2400, 0)
    assert told(counted.charge("a", {MINUTE: 1})) == (429, 2401, 40)
    clock.now = NOON + 60_000
    assert told(counted.charge("a", {MINUTE: 20})) == (200, 20, 0)


def test_addresses_are_counted_apart() -> None:
    """One client's weight is not another's."""
    counted, _ = weights()
    assert counted.charge("a", {MINUTE: 2401}).status == 429
    assert told(counted.charge("b", {MINUTE: 5})) == (200, 5, 0)
    assert counted.spent == 2406


def test_who_goes_on_is_banned_and_longer_each_time() -> None:
    """After five refusals comes 418 for 2 minutes, then 4, never more than 3 days."""
    counted, clock = weights()

    def offend() -> Verdict:
        statuses = [counted.charge("a", {MINUTE: 2401}).status for _ in range(5)]
        assert statuses == [429] * 5
        return counted.charge("a", {MINUTE: 2401})

    verdict = offend()
    assert (verdict.status, verdict.retry_after) == (418, 120)
    clock.now += 60_000
    verdict = counted.charge("a", {MINUTE: 1})
    assert (verdict.status, verdict.retry_after) == (418, 60)
    clock.now += 60_000
    assert counted.charge("a", {MINUTE: 1}).status == 200
    clock.now += 60_000
    assert offend().retry_after == 240
    for _ in range(14):
        clock.now += 259_200_000
        longest = offend().retry_after
    assert longest == 3 * 86_400


def test_funding_questions_share_500_in_5_minutes() -> None:
    """They weigh nothing in the minute, and their own pool refuses the 501st."""
    counted, clock = weights()
    assert {told(counted.charge("a", FUNDING_COST)) for _ in range(500)} == {(200, 0, 0)}
    assert told(counted.charge("a", FUNDING_COST)) == (429, 0, 300)
    assert counted.charge("a", {MINUTE: 1}).status == 200
    clock.now = NOON + 300_000
    assert counted.charge("a", FUNDING_COST).status == 200


def test_a_generous_venue_takes_more_of_everything() -> None:
    """Three times 2400 a minute and 500 in five minutes; the verdict says how much that is."""
    counted, _ = weights()
    counted.loosen(3)
    assert told(counted.charge("a", {MINUTE: 7200})) == (200, 7200, 0)
    assert counted.charge("a", {MINUTE: 1}).status == 429
    assert counted.charge("b", {FUNDING: 1500}).most == 7200
    assert told(counted.charge("b", FUNDING_COST)) == (429, 0, 300)
