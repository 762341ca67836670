"""A program that pages through all trades, and says in JSON what it found and what it took.

``python pager.py ADDRESS``; run apart from the service, so that memory is the client's alone.
"""

import gc
import json
import sys
import time
from decimal import Decimal
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import polars as pl
import pyarrow as pa

from perps_stats import Client

LIBRARIES = {library.__name__: library.__version__ for library in (pl, pa)}
"""Loaded before memory is looked at."""
PAGE = 4096


def resident() -> int:
    """Bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def walked(client: Client) -> dict[str, object]:
    """Row by row; ``grown``: the bytes between the second page and the last."""
    rows, total, before = 0, Decimal(0), 0
    began = time.perf_counter()
    for number, page in enumerate(client.trades(order="asc").pages()):
        rows += len(page)
        total += sum((row.price for row in page.rows), Decimal(0))
        before = resident() if number == 1 else before
    seconds = time.perf_counter() - began
    grown = resident() - before
    return {"rows": rows, "total": str(total), "grown": grown, "seconds": seconds}


def framed(client: Client) -> dict[str, object]:
    """Into polars; ``peak``: the most bytes beyond what was there before."""
    before = resident()
    began = time.perf_counter()
    frame = client.trades(order="asc").to_polars()
    seconds = time.perf_counter() - began
    peak = getrusage(RUSAGE_SELF).ru_maxrss * 1024 - before
    return {
        "rows": frame.height,
        "total": str(frame["price"].sum()),
        "ids": frame["id"].n_unique(),
        "bytes": frame.estimated_size(),
        "peak": peak,
        "seconds": seconds,
    }


if __name__ == "__main__":
    with Client(sys.argv[1]) as opened:
        found = {"walked": walked(opened), "framed": framed(opened), "by": LIBRARIES}
        json.dump(found, sys.stdout)
