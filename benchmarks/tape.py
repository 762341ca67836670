"""The frames that both sides of a comparison are given: the recorded BTCUSDT session, from memory.

cryptofeed reads aggregated trades, not single ones, so each ``trade`` frame becomes an ``aggTrade``
frame for both. Everything else is as it was recorded.
"""

import gzip
import json
import os
import sys
from pathlib import Path

NAME = "binance/ws/continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz"


def tape_path() -> Path:
    captures = os.environ.get("PERPS_STATS_CAPTURES")
    if captures is None:
        sys.exit("set PERPS_STATS_CAPTURES to the folder of recorded traffic: the tape is in there")
    path = Path(captures) / NAME
    return path if path.exists() else sys.exit(f"{path} is not there")


def read_tape() -> tuple[bytes, list[bytes]]:
    """The REST snapshot's body, and every WebSocket frame in order."""
    snapshot, frames = b"", []
    with gzip.open(tape_path()) as lines:
        for line in lines:
            said = json.loads(line)
            raw = said["raw"]
            if said["src"] == "rest":
                snapshot = raw.encode()
            else:
                frames.append(as_aggregated(raw) if "@trade" in raw[:40] else raw.encode())
    return snapshot, frames


def as_aggregated(raw: str) -> bytes:
    frame = json.loads(raw)
    trade = frame["data"]
    frame["stream"] = frame["stream"].replace("@trade", "@aggTrade")
    frame["data"] = {
        "e": "aggTrade",
        "E": trade["E"],
        "a": trade["t"],
        "s": trade["s"],
        "p": trade["p"],
        "q": trade["q"],
        "f": trade["t"],
        "l": trade["t"],
        "T": trade["T"],
        "m": trade["m"],
    }
    return json.dumps(frame, separators=(",", ":")).encode()
