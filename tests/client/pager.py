"""A program that pages through all trades, and says in JSON what it found and what it took.

``python pager.py ADDRESS``; run apart from the service, so that memory is the client's alone.
"""

import gc
import json
import sys
import time
from decimal import Decimal
from pathlib import Path

from perps_stats import Client

PAGE = 4096


def resident() -> int:
    """Bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def most_resident() -> int:
    """Since ``forget_most``."""
    [line] = [
        each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each
    ]
    return int(line.split()[1]) * 1024


def forget_most() -> None:
    Path("/proc/self/clear_refs").write_text("5")


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
    client.trades(limit=1).to_polars()  # the libraries are loaded
    before = resident()
    forget_most()
    began = time.perf_counter()
    frame = client.trades(order="asc").to_polars()
    seconds = time.perf_counter() - began
    peak = most_resident() - before
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
        json.dump({"walked": walked(opened), "framed": framed(opened)}, sys.stdout)
