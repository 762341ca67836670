"""A small tape written by hand from the wire reference's field tables, and its known truth."""

import gzip
import json
from pathlib import Path

from .wire import Json

START = 1_723_161_256_000
"""ms; the tape's frames are 20 ms apart."""
STEP_MS = 20
SNAPSHOT = {
    "lastUpdateId": 1010,
    "E": START + 30,
    "T": START + 30,
    "bids": [["61800.20", "2.000"], ["61800.10", "1.500"], ["61799.00", "0.004"]],
    "asks": [["61800.30", "3.000"], ["61800.40", "0.250"], ["61801.00", "1.000"]],
}
FINAL_LAST = 1050
FINAL_BIDS = (("61800.10", "0.700"), ("61799.00", "0.004"))
FINAL_ASKS = (("61800.20", "0.900"), ("61800.30", "1.000"), ("61801.00", "1.000"))


def depth(first: int, last: int, previous: int, bids: list[Json], asks: list[Json]) -> Json:
    return {"e": "depthUpdate", "U": first, "u": last, "pu": previous, "b": bids, "a": asks}


def trade(number: int, price: str, size: str, *, maker_buys: bool, kind: str = "MARKET") -> Json:
    return {"e": "trade", "t": number, "p": price, "q": size, "X": kind, "m": maker_buys}


def ticker(last: int, bid: tuple[str, str], ask: tuple[str, str]) -> Json:
    return {"e": "bookTicker", "u": last, "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}


FRAMES = (
    depth(1001, 1005, 1000, [["61800.20", "1.000"]], [["61800.30", "3.500"]]),
    depth(1006, 1012, 1005, [["61800.20", "2.500"]], [["61800.40", "0.000"]]),
    trade(501, "61800.30", "0.500", maker_buys=False),
    depth(1013, 1020, 1012, [], [["61800.30", "1.000"]]),
    ticker(1020, ("61800.20", "2.500"), ("61800.30", "1.000")),
    trade(502, "61800.20", "2.500", maker_buys=True),
    trade(503, "61800.20", "0.100", maker_buys=True, kind="INSURANCE_FUND"),
    depth(1021, 1030, 1020, [["61800.20", "0.000"]], []),
    depth(1031, 1040, 1030, [["61800.10", "0.700"]], [["61800.20", "0.900"]]),
    ticker(1040, ("61800.10", "0.700"), ("61800.20", "0.900")),
    trade(504, "61800.20", "0.250", maker_buys=False),
    depth(1045, 1050, 1040, [["5.00", "0.000"]], []),
)
COUNT_OF_DIFFS = sum(one["e"] == "depthUpdate" for one in FRAMES)
STREAMS = {"depthUpdate": "depth@0ms", "trade": "trade", "bookTicker": "bookTicker"}


def frame(number: int) -> Json:
    """The ``number``-th frame with its times and its symbol, as it was sent."""
    time = START + STEP_MS * number
    kind, *_ = FRAMES[number].values()
    return {"e": kind, "E": time, "T": time, "s": "BTCUSDT", **FRAMES[number]}


def raw(number: int, *, combined: bool = True) -> str:
    data = frame(number)
    sent = {"stream": f"btcusdt@{STREAMS[data['e']]}", "data": data} if combined else data
    return json.dumps(sent, separators=(",", ":"))


BODY = json.dumps(SNAPSHOT, separators=(",", ":"))


def write_tape(path: Path, *, combined: bool = True, extra: tuple[Json, ...] = ()) -> Path:
    """The tape as a file: gzip where the name says so."""
    lines = [_line(i, "ws", raw(i, combined=combined)) for i in range(len(FRAMES))]
    lines.insert(2, _line(2, "rest", BODY))
    lines.insert(0, json.dumps({"ts_ns": START * 10**6, "dir": "send", "raw": "subscribe"}))
    lines += [_line(len(FRAMES) + i, "ws", json.dumps(frame)) for i, frame in enumerate(extra)]
    text = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def _line(number: int, source: str, text: str) -> str:
    ts_ns = (START + STEP_MS * number) * 10**6
    return json.dumps({"ts_ns": ts_ns, "dir": "recv", "src": source, "raw": text})
