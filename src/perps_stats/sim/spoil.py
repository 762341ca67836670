"""Good answers made bad: what a broken proxy, a bug or a bad day does to a body."""

import json
import re
from collections.abc import Callable
from typing import TypeAlias

from perps_stats.sim.faults import Kind

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PAIR, CANDLE = 2, 12
"""How many elements an array has that holds a level, or a candle."""
WEB_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
SWAPPED = {"bids": "asks", "asks": "bids", "bidPrice": "askPrice", "askPrice": "bidPrice"}


def spoiled(kind: Kind, body: bytes) -> bytes:
    if kind is Kind.HTML:
        return WEB_PAGE
    if kind is Kind.TRUNCATED:
        return body[: len(body) // 2]
    change = _CHANGES.get(kind)
    if change is None:
        return body
    return json.dumps(change(json.loads(body)), separators=(",", ":")).encode()


def _wrong_types(value: Json) -> Json:
    """Of a list, only the first row is wrong."""
    if isinstance(value, dict):
        return {key: _wrong_types(inner) for key, inner in value.items()}
    if isinstance(value, list):
        whole = all(not isinstance(inner, dict | list) for inner in value)
        return [_wrong_types(inner) if whole or i == 0 else inner for i, inner in enumerate(value)]
    return True if _is_number(value) else value


def _negative_prices(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            key: _negated(inner) if _is_price(key) else _negative_prices(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        if len(value) == PAIR and all(_is_number(inner) for inner in value):
            return [_negated(value[0]), value[1]]
        if len(value) == CANDLE:
            return [value[0], *(_negated(inner) for inner in value[1:5]), *value[5:]]
        return [_negative_prices(inner) for inner in value]
    return value


def _crossed(value: Json) -> Json:
    if isinstance(value, dict):
        return {SWAPPED.get(key, key): inner for key, inner in value.items()}
    if isinstance(value, list):
        return [_crossed(inner) for inner in value]
    return value


def _is_price(key: str) -> bool:
    return key == "p" or key.lower().endswith("price")


def _is_number(value: Json) -> bool:
    if isinstance(value, str):
        return NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _negated(value: Json) -> Json:
    return f"-{value}" if isinstance(value, str) and value else value


_CHANGES: dict[Kind, Callable[[Json], Json]] = {
    Kind.WRONG_TYPE: _wrong_types,
    Kind.NEGATIVE_PRICE: _negative_prices,
    Kind.CROSSED: _crossed,
}
