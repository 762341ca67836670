"""Good answers made bad: what a broken proxy, a bug or a bad day does to a body.

What is wrong with a page of rows alone is in ``pages``.
"""

import json
import re
from collections.abc import Callable
from typing import TypeAlias

from perps_stats.sim.faults import Kind

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PAIR, CANDLE = 2, 6
"""How many elements an array has that holds a level; at least, one that holds a candle."""
PRICES = {"p", "bid", "ask"}
"""Beside the keys that end in ``price``."""
OPEN_TO_CLOSE = {"o", "h", "l", "c"}
"""Prices where all of them stand together: of a candle, not of a trade's ids."""
ENVELOPE = {"code"}
"""What says whether an answer is one: wrong numbers in it would hide the wrong rows."""
WEB_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
SIDE = re.compile("bid|ask|Bid|Ask")
OTHER_SIDE = {"bid": "ask", "ask": "bid", "Bid": "Ask", "Ask": "Bid"}


def spoiled(kind: Kind, body: bytes) -> bytes:
    if kind is Kind.HTML:
        return WEB_PAGE
    if kind is Kind.TRUNCATED:
        return body[: len(body) // 2]
    change = _CHANGES.get(kind)
    if change is None:
        return body
    return json.dumps(change(json.loads(body)), separators=(",", ":")).encode()


def wrong_types(value: Json) -> Json:
    """True for every number. Of a list, only the first row is wrong."""
    if isinstance(value, dict):
        return {
            key: inner if key in ENVELOPE else wrong_types(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        whole = all(not isinstance(inner, dict | list) for inner in value)
        return [wrong_types(inner) if whole or i == 0 else inner for i, inner in enumerate(value)]
    return True if _is_number(value) else value


def _negative_prices(value: Json) -> Json:
    if isinstance(value, dict):
        candle = value.keys() >= OPEN_TO_CLOSE
        return {
            key: _negated(inner)
            if _is_number(inner) and (_is_price(key) or (candle and key in OPEN_TO_CLOSE))
            else _negative_prices(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        if all(map(_is_number, value)):
            return _negative_row(value)
        return [_negative_prices(inner) for inner in value]
    return value


def _negative_row(row: list[Json]) -> list[Json]:
    """A level begins with its price, a candle with its time."""
    if len(row) == PAIR:
        return [_negated(row[0]), row[1]]
    if len(row) >= CANDLE:
        return [row[0], *map(_negated, row[1:5]), *row[5:]]
    return row


def _crossed(value: Json) -> Json:
    """Whatever is called a bid is called an ask."""
    if isinstance(value, dict):
        return {
            SIDE.sub(lambda side: OTHER_SIDE[side[0]], key): _crossed(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_crossed(inner) for inner in value]
    return value


def _is_price(key: str) -> bool:
    return key in PRICES or key.lower().endswith("price")


def _is_number(value: Json) -> bool:
    if isinstance(value, str):
        return NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _negated(value: Json) -> Json:
    if isinstance(value, str):
        return f"-{value}"
    return -value if isinstance(value, int | float) else value


_CHANGES: dict[Kind, Callable[[Json], Json]] = {
    Kind.WRONG_TYPE: wrong_types,
    Kind.NEGATIVE_PRICE: _negative_prices,
    Kind.CROSSED: _crossed,
}
