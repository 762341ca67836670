"""How many connections there may be, and who goes first."""

from collections.abc import Iterable

import pytest

from perps_stats.api.guard import watch as module
from perps_stats.api.guard.watch import Limits, Watch


class Line:
    """A connection that only knows whether it was cut."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_cut = False

    def is_gone(self) -> bool:
        return self.is_cut

    def cut(self) -> None:
        self.is_cut = True


def lines(watch: Watch, address: str, count: int, begun: float = 0) -> list[Line]:
    """So many connections, one a second."""
    made = [Line(address) for _ in range(count)]
    for number, line in enumerate(made):
        watch.enter(line, begun + number)
    return made


def cut(among: Iterable[Line]) -> list[bool]:
    return [line.is_cut for line in among]


def test_a_head_that_takes_too_long() -> None:
    """From the accept, and again from each answer; who is answered has time."""
    watch = Watch(Limits(head_seconds=10))
    [slow, answered, again] = lines(watch, "a", 3)
    watch.work(answered)
    watch.work(again)
    watch.wait(again, 5)
    watch.look(10)
    assert cut([slow, answered, again]) == [False, False, False]
    watch.look(10.5)
    assert cut([slow, answered, again]) == [True, False, False]
    watch.look(15.5)
    assert cut([slow, answered, again]) == [True, False, True]
    assert len(watch) == 1


def test_where_there_are_too_many_who_has_waited_longest_goes() -> None:
    """Whoever it is that comes: so others are served while thousands stand about."""
    watch = Watch(Limits(connections=3))
    first = lines(watch, "a", 3)
    watch.work(first[0])
    lines(watch, "b", 1, begun=5)
    assert cut(first) == [False, True, False]
    assert len(watch) == 3


def test_where_all_are_busy_the_new_one_goes() -> None:
    """Nobody's answer is cut for it."""
    watch = Watch(Limits(connections=2))
    busy = lines(watch, "a", 2)
    for line in busy:
        watch.work(line)
    [late] = lines(watch, "b", 1)
    assert (cut(busy), late.is_cut, len(watch)) == ([False, False], True, 2)


def test_an_address_has_a_bound_of_its_own() -> None:
    """It pays with its own; behind a proxy, or at this machine, many may sit."""
    watch = Watch(Limits(address_connections=2, shared_addresses=frozenset({"proxy"})))
    [other] = lines(watch, "b", 1)
    greedy = lines(watch, "a", 4)
    many = lines(watch, "proxy", 5)
    assert (other.is_cut, cut(greedy)) == (False, [True, True, False, False])
    assert cut(many) == [False] * 5


def test_an_answer_that_is_not_taken() -> None:
    """Twenty seconds and one for each 50 kB; what was taken in between is forgiven."""
    watch = Watch(Limits(answer_seconds=20))
    [never, slowly] = lines(watch, "a", 2)
    for line in (never, slowly):
        watch.work(line)
        watch.send(line, 500_000, 0)
    watch.sent(slowly)
    watch.look(30)
    assert not never.is_cut
    watch.look(30.1)
    assert cut([never, slowly]) == [True, False]


def test_a_websocket_counts_as_long_as_it_is_open() -> None:
    """It has time, and is no longer told of by the connection that it was."""
    watch = Watch(Limits(connections=2, head_seconds=1))
    [stream, _] = lines(watch, "a", 2)
    watch.work(stream)
    watch.upgrade(stream)
    watch.look(100)
    assert (stream.is_cut, len(watch)) == (False, 1)
    stream.is_cut = True
    watch.look(101)
    assert len(watch) == 0


def test_the_bound_leaves_descriptors_for_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """More connections than the system grants files would leave none for the database."""
    monkeypatch.setattr(module, "getrlimit", lambda _: (1024, 4096))
    assert Watch(Limits(connections=2000)).most == 896
    assert Watch(Limits(connections=100)).most == 100


def test_who_left_is_forgotten() -> None:
    """Nothing of him stays, and leaving twice does not matter."""
    watch = Watch(Limits())
    made = lines(watch, "a", 3)
    for line in (*made, *made):
        watch.leave(line)
    assert (len(watch), watch._of, watch._waiting) == (0, {}, {})
