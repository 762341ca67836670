"""Whole recorded sessions of Binance through the decoder, against a plain reading of their JSON.

Needs PERPS_STATS_CAPTURES.
"""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from perps_stats.exchanges.binance.stream import decode
from perps_stats.exchanges.events import (
    BestTick,
    BookDelta,
    Event,
    FundingTick,
    Ignored,
    LiquidationTick,
    MarkTick,
    NoTrade,
    TradeTick,
)

from .recorded import CAPTURES, COIN_M_TAPE, NEEDS, TAPE, TARDIS, Json, lines

pytestmark = pytest.mark.skipif(not CAPTURES, reason=NEEDS)
SIDES = {True: "sell", False: "buy"}
GENERATED = "generated"


def frames(path: str) -> Iterator[tuple[Json, Event]]:
    """The push within each frame of a tape, and what it was decoded to."""
    for line in lines(path):
        if line.json["src"] == "ws":
            raw = line.json["raw"]
            (event,) = decode(raw.encode())
            yield json.loads(raw)["data"], event


def plain(push: Json) -> tuple[object, ...]:
    """The numbers of a push, by the wire reference."""
    ts = push["T"] * 1000
    match push["e"]:
        case "bookTicker":
            return push["s"], ts, push["u"], push["b"], push["B"], push["a"], push["A"]
        case "trade":
            side = SIDES[push["m"]]
            return push["s"], ts, str(push["t"]), push["p"], push["q"], side, push["t"]
        case _:
            return push["s"], ts, push["U"], push["u"], push["pu"], push["b"], push["a"]


def numbers(event: Event) -> tuple[object, ...]:
    match event:
        case BestTick() as event:
            best = (event.bid_price, event.bid_qty, event.ask_price, event.ask_qty)
            return event.native, event.ts, event.sequence, *best
        case TradeTick():
            paid = (event.price, event.quantity, event.side, event.number)
            return event.native, event.ts, event.id, *paid
        case BookDelta():
            chain = (event.first, event.last, event.previous)
            sides = (json.loads(bytes(event.bids)), json.loads(bytes(event.asks)))
            return event.native, event.ts, *chain, *sides
        case _:
            raise AssertionError(event)


def test_the_tape_is_read_to_the_last_number() -> None:
    """93,953 frames: every field is what a plain reading says; ids of trades run without a hole."""
    kinds: Counter[str] = Counter()
    ids: list[int] = []
    for push, event in frames(TAPE):
        assert numbers(event) == plain(push)
        kinds[type(event).__name__] += 1
        if isinstance(event, TradeTick) and event.number is not None:
            ids.append(event.number)
    assert kinds == {"BookDelta": 6_551, "BestTick": 66_089, "TradeTick": 21_313}
    assert ids == list(range(ids[0], ids[0] + 21_313))


def test_the_coin_margined_tape_is_set_aside() -> None:
    """Its trades of 2024 do not tell their family: they are of a market that we do not list."""
    kinds: Counter[str] = Counter()
    for push, event in frames(COIN_M_TAPE):
        assert push["s"] == "BTCUSD_PERP"
        kinds[event.kind if isinstance(event, Ignored) else type(event).__name__] += 1
    assert kinds == {"coin-m": 26_847 + 19_136, "TradeTick": 2_286}


def normal(push: Json) -> tuple[object, ...] | None:
    """Price, quantity, side and time as Tardis' mappers take them; ``None`` for what they drop.

    The file of their results is empty, so their published rules stand here instead.
    """
    order = push.get("o")
    match push["e"]:
        case "trade" if push.get("X") in {"INSURANCE_FUND", "ADL"}:
            return None
        case "trade" | "aggTrade":
            return push["p"], push["q"], SIDES[push["m"]], push["T"]
        case "forceOrder":
            return order["ap"], order["z"], order["S"].lower(), order["T"]
        case "bookTicker":
            return push["b"], push["B"], push["a"], push["A"], push["T"]
        case "markPriceUpdate":
            funding = (push["r"], push["T"]) if push.get("r") and push["T"] else ()
            return push["p"], push.get("i"), *funding, push["E"]
        case _:
            return ()


def same_terms(*events: Event) -> tuple[object, ...] | None:
    """Of the events of one frame."""
    match events[0]:
        case Ignored() | NoTrade():
            return None
        case (TradeTick() | LiquidationTick()) as event:
            return event.price, event.quantity, event.side, event.ts // 1000
        case BestTick() as event:
            best = (event.bid_price, event.bid_qty, event.ask_price, event.ask_qty)
            return *best, event.ts // 1000
        case MarkTick() as event:
            funding = [
                part
                for each in events
                if isinstance(each, FundingTick) and each.next_funding_ts
                for part in (each.funding_rate, each.next_funding_ts // 1000)
            ]
            return event.mark_price, event.index_price, *funding, event.ts // 1000
        case _:
            return ()


def test_agreement_with_another_reader() -> None:
    """In price, quantity, side and time. Deliberately apart: a change of the book has the time of
    its transaction, where theirs has that of the frame; 24-hour frames have no such terms.
    """
    results = json.loads(next(lines(TARDIS.replace(".jsonl", ".expected.json"))).text)
    assert {result["expected"] for result in results} == {None}
    compared = 0
    for line in lines(TARDIS):
        if GENERATED not in line.json:
            events = decode(line.text.encode())
            assert same_terms(*events) == normal(line.json["data"])
            compared += 1
    assert compared == 13
