"""The past of a market: stable, consistent at every length, the same whoever asks when."""

import pytest

from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.coins import COINS
from perps_stats.sim.model.history import Candle, History, Print, joined

from .wire import NOON

MINUTE = NOON // MINUTE_MS


def put_together(trades: list[Print]) -> Candle:
    """A candle reckoned here from single prints."""
    bought = [trade for trade in trades if trade.taker_buys]
    return Candle(
        trades[0].price,
        max(trade.price for trade in trades),
        min(trade.price for trade in trades),
        trades[-1].price,
        sum(trade.quantity for trade in trades),
        sum(trade.quantity * trade.price for trade in trades),
        sum(trade.quantity for trade in bought),
        sum(trade.quantity * trade.price for trade in bought),
        trades[0].id,
        trades[-1].id,
    )


@pytest.mark.parametrize("coin", sorted(COINS))
def test_a_minute_is_its_prints(coin: str) -> None:
    """For every coin, each minute's candle is what its prints make, in time and id order."""
    history = History(7, coin, COINS[coin])
    for minute in range(MINUTE, MINUTE + 3000, 149):
        trades = history.prints(minute)
        if not trades:
            assert history.span(minute, minute + 1) is None
            continue
        assert history.span(minute, minute + 1) == put_together(trades)
        assert [trade.id for trade in trades] == list(
            range(history.first_id(minute), history.first_id(minute + 1))
        )
        times = [trade.time for trade in trades]
        assert times == sorted(times)
        assert minute * MINUTE_MS <= times[0] <= times[-1] < (minute + 1) * MINUTE_MS
        assert min(trade.quantity for trade in trades) >= 2
        assert {history.minute_of(trade.id) for trade in trades} == {minute}


@pytest.mark.parametrize("coin", ["ETH", "YFI"])
@pytest.mark.parametrize(("whole", "part"), [(60, 1), (1440, 60), (1440, 1)])
def test_a_long_candle_is_its_short_ones(whole: int, part: int, coin: str) -> None:
    """Hours are their minutes, days their hours and minutes, in every figure."""
    history = History(7, coin, COINS[coin])
    for start in (MINUTE // whole * whole, (MINUTE // whole - 400) * whole):
        parts = [history.span(at, at + part) for at in range(start, start + whole, part)]
        assert history.span(start, start + whole) == joined(p for p in parts if p)


def test_the_past_does_not_depend_on_the_order_of_questions() -> None:
    """Another instance, asked backwards, says the same; another seed does not."""
    hours = [MINUTE - MINUTE % 60 - 60 * i for i in range(100)]
    one, two, other = (History(seed, "SOL", COINS["SOL"]) for seed in (7, 7, 8))
    forwards = [one.span(hour, hour + 60) for hour in hours]
    backwards = [two.span(hour, hour + 60) for hour in reversed(hours)]
    assert forwards == backwards[::-1]
    assert forwards != [other.span(hour, hour + 60) for hour in hours]


def test_nothing_traded_before_the_listing() -> None:
    """A span that begins earlier holds what came after; one that ends earlier is empty.

    BTC was listed at the start of a day, HYPE at 14:30.
    """
    for coin in ("BTC", "HYPE"):
        history = History(7, coin, COINS[coin])
        start = history.listed
        assert history.span(start - 1440, start) is None
        assert history.span(start - 1440, start + 60) == history.span(start, start + 60)
        assert history.first_id(start) == history.prints(start)[0].id == 1
        assert history.price_before(start) is None
        assert history.price_before(start + 1) == history.prints(start)[-1].price


def test_a_quiet_coin_trades_in_every_third_minute_of_six_hours() -> None:
    """YFI: nothing from 19 to 13 h UTC; the last price of the day before stands meanwhile."""
    history, day = History(7, "YFI", COINS["YFI"]), MINUTE // 1440 * 1440
    busy = [minute for minute in range(1440) if history.prints(day + minute)]
    assert busy == [60 * hour + minute for hour in range(13, 19) for minute in range(0, 60, 3)]
    last = history.prints(day + 18 * 60 + 57)[-1]
    assert {history.price_before(day + minute) for minute in range(18 * 60 + 58, 1440 + 780)} == {
        last.price
    }
    following = history.prints(day + 1440 + 780)[0]
    assert (following.id, following.time // MINUTE_MS) == (last.id + 1, day + 1440 + 780)


def test_contracts_of_one_coin_share_its_price_and_not_its_prints() -> None:
    """BTC against USDC moves as against USDT; its trades are its own."""
    one, two = History(7, "BTC", COINS["BTC"]), History(7, "BTC/USDC", COINS["BTC"])
    hour = MINUTE // 60 * 60
    assert one.span(hour, hour + 60) == two.span(hour, hour + 60)
    assert one.prints(MINUTE) != two.prints(MINUTE)
