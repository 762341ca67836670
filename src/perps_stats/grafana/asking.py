"""The questions of the dashboards in SQL: one a file in ``queries/``, filled in where it says so.

What Grafana fills in when it asks stands as it is: ``$exchange``, ``$__timeFilter(ts)``.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from perps_stats.aggregator.liquidity import BANDS
from perps_stats.database.statements import statement
from perps_stats.exchanges import EXCHANGES, verifiable_streams
from perps_stats.grafana.model import Query

QUERIES = files("perps_stats.grafana") / "queries"
SIDES = ("bid", "ask")
CHOSEN = "(select array_agg({} order by market_id) from chosen)"
END = "least($__timeTo()::timestamptz, now())"
NOBODY = "null"
REACH = "case b.side when 'bid' then r.reach_bid_bps else r.reach_ask_bps end"
IS_FLOOR = f"not r.complete and b.bps > {REACH}"
"""What is known of the book ends before the band."""
SHARED = {
    "stream_coverage": (
        *(NOBODY, NOBODY, CHOSEN.format("exchange"), CHOSEN.format("symbol")),
        *("$__timeFrom()", END, "array[$stream]::text[]", "interval '1 day'"),
        "array({living})",
    ),
    "sum_gaps": (
        *(NOBODY, NOBODY, CHOSEN.format("exchange"), CHOSEN.format("symbol")),
        *("$__timeFrom()", END, "array[$stream]::text[]", NOBODY, END, NOBODY, NOBODY),
        "array({living})",
    ),
}
"""Statements that all faces ask, so that Grafana cannot say otherwise, and what stands for each of
their parameters.
"""


def table(question: str, *, of_all_symbols: bool = False) -> Query:
    """A question whose rows are shown as they are."""
    return Query(name=question, text=sql(question, of_all_symbols=of_all_symbols), form="table")


def lines(question: str, filled: Mapping[str, str] | None = None) -> Query:
    """A question whose answer is a line for each ``metric``, or for each column of figures."""
    return Query(name=question, text=sql(question, filled))


def sql(
    question: str, filled: Mapping[str, str] | None = None, *, of_all_symbols: bool = False
) -> str:
    """``filled`` are the values of placeholders that only this question has."""
    text = _text(question)
    among = "" if of_all_symbols else " and m.symbol = any(array[$symbol]::text[])"
    known = {**_common(), "chosen": _text("chosen").format(of_symbols=among), **(filled or {})}
    if "{coverage}" in text:
        known["coverage"] = sql("coverage")
    return text.format(**known)


@cache
def _text(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8").rstrip()


@cache
def _common() -> Mapping[str, str]:
    pairs = sorted(verifiable_streams(EXCHANGES))
    return {
        "bands": _text("bands").format(places=",\n".join(_places())),
        "figures": _each_band(""),
        "means": _each_band("_avg"),
        "samples": _each_band("_samples"),
        "floors": _each_band("_floors"),
        "is_floor": IS_FLOOR,
        "verifiable": ", ".join(f"('{exchange}', '{stream}')" for exchange, stream in pairs),
        **{name: _shared(name) for name in SHARED},
    }


def _places() -> Iterator[str]:
    """A line of ``values`` for each band of each side, in the order of ``_each_band``."""
    both = ((side, bps) for side in SIDES for bps in BANDS.values())
    for place, (side, bps) in enumerate(both, 1):
        yield f"    ({place}, {bps}, '{side}')"


def _each_band(ending: str) -> str:
    """The columns of a row ``r`` of liquidity."""
    return ", ".join(f"r.{side}_{band}{ending}" for side in SIDES for band in BANDS)


def _shared(name: str) -> str:
    """A statement of the database with a value in place of each parameter."""
    living = _without_comments(statement("live_sessions"))
    values = [value.format(living=living) for value in SHARED[name]]
    text = _without_comments(statement(name))
    return re.sub(r"\$(\d+)", lambda found: f"({values[int(found[1]) - 1]})", text)


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
