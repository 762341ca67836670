"""What a client did not get: intervals from the last frame delivered to the next."""

from perps_stats.sim.losses import Cut, Harm, Loss, Losses, Told


def told(time: int, stream: str = "trades", symbol: str = "BTCUSDT") -> Told:
    """One every 10 ms."""
    return Told(f"{symbol}@{stream}", symbol, "BTC", (stream,), time, time // 10)


def loss(
    since: int | None, until: int | None, frames: int, fault: str, harm: Harm = Harm.LOST
) -> Loss:
    return Loss(
        topic="BTCUSDT@trades",
        symbol="BTCUSDT",
        streams=("trades",),
        since=since,
        until=until,
        frames=frames,
        fault=fault,
        harm=harm,
    )


def test_what_is_delivered_is_no_loss() -> None:
    """However much it is."""
    losses = Losses()
    for time in range(5):
        losses.delivered(told(time))
    assert list(losses) == []


def test_a_loss_lies_between_two_frames_that_came() -> None:
    """Three were lost between 10 and 50."""
    losses = Losses()
    losses.delivered(told(10))
    for time in (20, 30, 40):
        losses.lost(told(time), "silence")
    assert list(losses) == [loss(10, None, 3, "silence")]
    losses.delivered(told(50))
    losses.delivered(told(60))
    assert list(losses) == [loss(10, 50, 3, "silence")]


def test_before_the_first_frame_there_is_no_beginning() -> None:
    """``None``: it cannot be told from when on."""
    losses = Losses()
    losses.lost(told(20), "drop")
    losses.delivered(told(30))
    assert list(losses) == [loss(None, 30, 1, "drop")]


def test_streams_and_markets_are_apart() -> None:
    """What comes of another does not end a loss."""
    losses = Losses()
    losses.lost(told(20), "drop")
    losses.delivered(told(30, "best"))
    losses.delivered(told(30, symbol="ETHUSDT"))
    assert [one.until for one in losses] == [None]


def test_of_several_faults_in_a_row_the_worst_is_told() -> None:
    """A frame that is late breaks, one that is lost is worse, a double one changes nothing."""
    losses = Losses()
    losses.delivered(told(10))
    losses.disturbed(told(20), "delay", Harm.BROKEN)
    losses.lost(told(30), "drop")
    losses.disturbed(told(40), "duplicate", Harm.HARMLESS)
    losses.lost(told(50), "rst")
    losses.delivered(told(60))
    assert list(losses) == [loss(10, 60, 2, "drop")]


def test_a_late_frame_does_not_set_the_last_one_back() -> None:
    """The next loss begins at the newest frame that came."""
    losses = Losses()
    losses.delivered(told(30))
    losses.delivered(told(10))
    losses.lost(told(40), "drop")
    losses.delivered(told(50))
    assert list(losses) == [loss(30, 50, 1, "drop")]


def test_cuts_are_kept_with_their_last_frame() -> None:
    """In order."""
    losses = Losses()
    losses.cut(None, "rst")
    losses.cut(70, "restart")
    assert list(losses.cuts) == [Cut(None, "rst"), Cut(70, "restart")]


def test_what_was_waiting_to_be_written_comes_before_what_is_lost() -> None:
    """Frames 2 and 3 are written after it is known that 4 is dropped: it lies between 3 and 5."""
    losses = Losses()
    losses.delivered(told(10))
    losses.lost(told(40), "drop")
    losses.delivered(told(20))
    losses.delivered(told(30))
    assert list(losses) == [loss(30, None, 1, "drop")]
    losses.delivered(told(50))
    assert list(losses) == [loss(30, 50, 1, "drop")]


def test_what_was_waiting_parts_two_losses() -> None:
    """4 is written after 5 was dropped, and ends the silence of 2 and 3."""
    losses = Losses()
    losses.delivered(told(10))
    for time, fault in ((20, "silence"), (30, "silence"), (50, "drop")):
        losses.lost(told(time), fault)
    losses.delivered(told(40))
    losses.delivered(told(60))
    assert list(losses) == [loss(10, 40, 2, "silence"), loss(40, 60, 1, "drop")]


def test_what_is_replayed_is_made_good() -> None:
    """Two frames that are among the last three told again are no loss, four are."""
    for lost, told_again, harm in ((2, 3, Harm.HARMLESS), (4, 3, Harm.LOST)):
        losses = Losses()
        losses.delivered(told(10))
        for number in range(lost):
            losses.lost(told(20 + 10 * number), "rst")
        losses.made_good(told(90), told_again)
        losses.delivered(told(90))
        frames = 0 if harm is Harm.HARMLESS else lost
        assert list(losses) == [loss(10, 90, frames, "rst", harm)]


def test_each_frame_of_a_topic_has_the_next_number() -> None:
    """Each market and stream of it counts by itself."""
    losses = Losses()
    frames = [losses.told("t", symbol, "BTC", ("best",), 7) for symbol in ("A", "A", "B")]
    assert [frame.number for frame in frames] == [1, 2, 1]
