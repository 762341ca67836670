"""Recorded traffic of exchanges, line by line, and what each line of it is.

The files lie in the folder that PERPS_STATS_CAPTURES names; none of them is part of the project.
"""

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""What a recorded line holds: a test knows better than a type."""
CAPTURES = os.environ.get("PERPS_STATS_CAPTURES", "")
NEEDS = "PERPS_STATS_CAPTURES does not name the folder of recorded traffic"
LABELS = {"real-capture", "doc-example"}
TAPE = "binance/ws/continuous_btcusdt_depth0ms_trade_bookTicker_20240808.jsonl.gz"
COIN_M_TAPE = "binance/ws/continuous_COINM_btcusd_perp_20240808.jsonl.gz"
TARDIS = "binance/ws/tardis_mappers_binance-futures.jsonl"
TAPES = {TAPE, COIN_M_TAPE}


class Line(NamedTuple):
    """``number`` counts from 1; a ``.json`` file is one line."""

    path: str
    number: int
    text: str

    @property
    def json(self) -> Json:
        return json.loads(self.text)


def files(exchange: str = "binance") -> list[str]:
    """Of the exchange's folder, those that were recorded or come from its documents."""
    if not CAPTURES:
        return []
    with (Path(CAPTURES) / "MANIFEST.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    ours = [row for row in rows if row["path"].startswith(f"{exchange}/")]
    return [row["path"] for row in ours if row["label"] in LABELS]


def lines(path: str) -> Iterator[Line]:
    file = Path(CAPTURES) / path
    if file.suffix == ".json":
        yield Line(path, 1, file.read_text())
        return
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as rows:
        for number, row in enumerate(rows, 1):
            yield Line(path, number, row)
