"""Request weight against limits."""

from hypothesis import given
from hypothesis import strategies as st

from perps_stats.exchanges.contract import Limit, Request
from perps_stats.feed.budget import Budget

LIMITS = {"": Limit(10, 60, used_header="X-Used"), "funding": Limit(2, 300)}


def ask(weight: int, pool: str = "") -> Request:
    return Request("GET", "/", weight=weight, pool=pool)


def test_what_fits_is_sent_at_once_and_what_does_not_waits_for_the_window() -> None:
    """Ten units a minute: the eleventh waits until the first has left the window."""
    budget = Budget(LIMITS)
    budget.spend(ask(4), now=0.0)
    budget.spend(ask(6), now=10.0)
    assert budget.wait(ask(1), now=20.0) == 40.0
    assert budget.wait(ask(5), now=20.0) == 50.0
    assert budget.wait(ask(4), now=60.0) == 0.0


def test_pools_are_apart() -> None:
    """A full pool does not hold up another."""
    budget = Budget(LIMITS)
    budget.spend(ask(2, "funding"), now=0.0)
    assert budget.wait(ask(1, "funding"), now=1.0) == 299.0
    assert budget.wait(ask(10), now=1.0) == 0.0


def test_the_exchange_counts_better_than_we_do() -> None:
    """Another process on this address spent from the same limit: the header says so."""
    budget = Budget(LIMITS)
    budget.spend(ask(1), now=0.0)
    budget.learn(ask(1), {"X-Used": "8"}, now=0.0)
    assert budget.used(now=0.0)[""] == 8
    assert budget.wait(ask(3), now=1.0) == 59.0


def test_a_lower_or_senseless_header_is_not_believed() -> None:
    """The exchange's window may just have turned; ours has not."""
    budget = Budget(LIMITS)
    budget.spend(ask(5), now=0.0)
    for text in ("1", "", "many"):
        budget.learn(ask(1), {"X-Used": text}, now=0.0)
    assert budget.used(now=0.0)[""] == 5


def test_silence_and_ban_end_when_they_were_said_to_end() -> None:
    """After 418 nothing is sent until the stated time."""
    budget = Budget(LIMITS)
    budget.silence(30, now=0.0)
    budget.silence(120, now=10.0, banned=True)
    assert budget.wait(ask(1), now=20.0) == 110.0
    assert budget.is_banned(now=129.0)
    assert not budget.is_banned(now=130.0)
    assert budget.wait(ask(1), now=130.0) == 0.0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=40))
def test_no_window_ever_holds_more_than_the_limit(asks: list[tuple[int, int]]) -> None:
    """Whatever is asked and when: in any 60 seconds at most 10 units are sent."""
    budget, now = Budget(LIMITS), 0.0
    sent: list[tuple[float, int]] = []
    for pause, weight in asks:
        now += pause
        now += budget.wait(ask(weight), now)
        budget.spend(ask(weight), now)
        sent.append((now, weight))
    for time, _ in sent:
        assert sum(weight for other, weight in sent if time - 60 < other <= time) <= 10


def test_an_exchange_may_tell_what_it_leaves() -> None:
    """The limit less that is what it has counted; and when its window ends, in milliseconds."""
    limit = Limit(2000, 30, left_header="X-Left", reset_header="X-Reset")
    budget = Budget({"": limit})
    budget.learn(ask(1), {"X-Left": "1960"}, now=0.0)
    assert budget.used(now=0.0)[""] == 40
    assert budget.reset_seconds(ask(1), {"X-Reset": "2500"}) == 2.5
    assert budget.reset_seconds(ask(1), {}) is None


def test_after_three_bans_within_an_hour_it_is_given_up() -> None:
    """For an hour, whatever the last ban said; what is said during a ban is no other one."""
    budget = Budget(LIMITS)
    assert not budget.silence(120, now=0.0, banned=True)
    assert not budget.silence(120, now=60.0, banned=True)
    assert not budget.silence(120, now=1000.0, banned=True)
    assert budget.silence(120, now=2000.0, banned=True)
    assert budget.silent_for(now=2000.0) == 3600.0
    assert budget.is_banned(now=5599.0)
    assert budget.silent_for(now=5600.0) == 0.0


def test_who_was_given_up_is_given_up_for_longer_by_the_next_ban() -> None:
    """Two hours, then four; after an hour without a ban all is forgotten."""
    budget = Budget(LIMITS)
    for now in (0.0, 200.0, 400.0):
        budget.silence(60, now, banned=True)
    assert budget.silence(60, now=4000.0, banned=True)
    assert budget.silent_for(now=4000.0) == 7200.0
    assert budget.silence(60, now=11_200.0, banned=True)
    assert budget.silent_for(now=11_200.0) == 14_400.0
    assert not budget.silence(60, now=11_200.0 + 14_400.0 + 3600.0, banned=True)


def test_bans_that_lie_further_apart_are_no_reason() -> None:
    """One an hour and a bit after the end of the one before, again and again."""
    budget = Budget(LIMITS)
    assert not any(budget.silence(60, number * 3700.0, banned=True) for number in range(10))


def test_room_is_left_for_others() -> None:
    """Who asks by the bulk waits until four fifths are not exceeded, or until a ban's end."""
    budget = Budget(LIMITS)
    budget.spend(ask(8), now=0.0)
    assert budget.wait_for_room(0.8, now=1.0) == 0.0
    budget.spend(ask(1), now=2.0)
    assert budget.wait_for_room(0.8, now=2.0) == 58.0
    budget.silence(100, now=2.0)
    assert budget.wait_for_room(0.8, now=2.0) == 100.0
