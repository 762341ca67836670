"""Aster's recorded lines, read as Binance's dialect. Needs PERPS_STATS_CAPTURES."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.aster import ASTER, FundingInfo
from perps_stats.exchanges.contract import Subscription, decoded
from perps_stats.exchanges.events import BookDelta, Channel

from .recorded import CAPTURES, NEEDS, lines
from .venue import BTC

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)
FRAMES = "aster/ws/frames_depth_bookTicker_2026-09-28.jsonl"
ROQ = "aster/ws/roq_roq-aster-futures.jsonl"
INFO = "aster/rest/fundingInfo_row_2026-09-28.json"
REST_LINES = {3, 5}
"""Of the second file: a book and the listing, which are answers and not frames."""
STREAM = EXCHANGES["aster"].stream
assert STREAM is not None
DECODE = STREAM.decoder(())


def test_recorded_frames_are_read() -> None:
    """None tells a family or a pair, so that none is taken for coin-margined."""
    found: Counter[str] = Counter()
    for path in (FRAMES, ROQ):
        for line in lines(path):
            if path == ROQ and line.number in REST_LINES:
                continue
            found.update(type(event).__name__ for event in DECODE(line.text.encode()))
    assert found == {
        "BestTick": 2,
        "BookDelta": 3,
        "Ack": 1,
        "TradeTick": 1,
        "MarkTick": 1,
        "FundingTick": 1,
        "Ignored": 1,
        "DayTick": 1,
    }


def test_padded_prices_stay_as_they_came() -> None:
    """``223.460000`` is the same level as ``223.46``: the book reads numbers, not text."""
    deltas = [event for line in lines(FRAMES) for event in DECODE(line.text.encode())]
    first = next(event for event in deltas if isinstance(event, BookDelta))
    assert json.loads(bytes(first.asks)) == [["223.570000", "0.42"]]


def test_the_parameters_of_funding_have_other_names() -> None:
    """Caps are numbers, exact to their text; of every market, with its own interval."""
    (line,) = lines(INFO)
    info = decoded(line.text.encode(), FundingInfo)
    assert (info.native, info.hours) == ("TRUTHUSDT", 4)
    assert (info.funding_rate_cap_floor, info.funding_rate_floor) == (
        Decimal("0.02"),
        Decimal("-0.02"),
    )


def test_one_path_serves_all_and_trades_come_fused() -> None:
    """The documents name no stream of single trades."""
    assert STREAM is not None
    assert set(STREAM.paths.values()) == {"/ws"}
    wanted = Subscription(channels=(Channel.TRADES,), markets=(BTC,))
    (frame,) = STREAM.subscribe(wanted)
    assert json.loads(frame)["params"] == ["btcusdt@aggTrade"]
    assert (ASTER.name, ASTER.rest.url) == ("aster", "https://fapi.asterdex.com")
