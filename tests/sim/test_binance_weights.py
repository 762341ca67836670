"""How requests are counted and refused."""

from perps_stats.sim.binance.weights import LONGEST_BAN_MS, Verdict, Weights

from .wire import NOON, Clock


def weights() -> tuple[Weights, Clock]:
    clock = Clock()
    return Weights(clock), clock


def test_a_minute_holds_2400_and_no_more() -> None:
    """The request that goes beyond is told how long the minute lasts; the next minute is new."""
    counted, clock = weights()
    clock.now = NOON + 20_000
    assert counted.charge("a", 2400, funding=False) == Verdict(200, 2400)
    assert counted.charge("a", 1, funding=False) == Verdict(429, 2401, 40)
    clock.now = NOON + 60_000
    assert counted.charge("a", 20, funding=False) == Verdict(200, 20)


def test_addresses_are_counted_apart() -> None:
    """One client's weight is not another's."""
    counted, _ = weights()
    assert counted.charge("a", 2401, funding=False).status == 429
    assert counted.charge("b", 5, funding=False) == Verdict(200, 5)
    assert counted.spent == 2406


def test_who_goes_on_is_banned_and_longer_each_time() -> None:
    """After five refusals comes 418 for 2 minutes, then 4, never more than 3 days."""
    counted, clock = weights()

    def offend() -> Verdict:
        statuses = [counted.charge("a", 2401, funding=False).status for _ in range(5)]
        assert statuses == [429] * 5
        return counted.charge("a", 2401, funding=False)

    verdict = offend()
    assert (verdict.status, verdict.retry_after) == (418, 120)
    clock.now += 60_000
    verdict = counted.charge("a", 1, funding=False)
    assert (verdict.status, verdict.retry_after) == (418, 60)
    clock.now += 60_000
    assert counted.charge("a", 1, funding=False).status == 200
    clock.now += 60_000
    assert offend().retry_after == 240
    for _ in range(14):
        clock.now += LONGEST_BAN_MS
        longest = offend().retry_after
    assert longest == 3 * 86_400


def test_funding_questions_share_500_in_5_minutes() -> None:
    """They weigh nothing in the minute, and their own pool refuses the 501st."""
    counted, clock = weights()
    assert {counted.charge("a", 0, funding=True) for _ in range(500)} == {Verdict(200, 0)}
    assert counted.charge("a", 0, funding=True) == Verdict(429, 0, 300)
    assert counted.charge("a", 1, funding=False).status == 200
    clock.now = NOON + 300_000
    assert counted.charge("a", 0, funding=True).status == 200
