"""A page of rows made worse: as an exchange's cache, or its database behind, may give it.

The rows are the answer's longest list, in its envelope or alone. Each keeps its exact text.
"""

import json
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from perps_stats.sim.faults import Kind
from perps_stats.sim.spoil import wrong_types

Rows: TypeAlias = list[msgspec.Raw]
Envelope: TypeAlias = dict[str, msgspec.Raw]
NULL_IF_EMPTY = {"c", "trades"}
"""Lighter's lists of none are null."""
CURSOR = "next"
"""An empty page is the last."""
NULL, NONE = msgspec.Raw(b"null"), msgspec.Raw(b"[]")


def worsened(kind: Kind, body: bytes) -> bytes:
    """The body as it is where it holds no rows, or where the kind is not one of a page's."""
    change = _CHANGES.get(kind)
    if change is None:
        return body
    if body.startswith(b"["):
        return msgspec.json.encode(change(msgspec.json.decode(body, type=Rows)))
    if not body.startswith(b"{"):
        return body
    envelope = msgspec.json.decode(body, type=Envelope)
    lists = [name for name, value in envelope.items() if bytes(value).startswith(b"[")]
    if not lists:
        return body
    name = max(lists, key=lambda each: len(bytes(envelope[each])))
    rows = change(msgspec.json.decode(envelope[name], type=Rows))
    return msgspec.json.encode(envelope | _told(envelope, name, rows))


def _told(envelope: Envelope, name: str, rows: Rows) -> Envelope:
    if rows:
        return {name: msgspec.Raw(msgspec.json.encode(rows))}
    end = {CURSOR: NULL} if CURSOR in envelope else {}
    return {name: NULL if name in NULL_IF_EMPTY else NONE} | end


def _shuffled(rows: Rows) -> Rows:
    """Every other row first."""
    return [*rows[1::2], *rows[::2]]


def _doubled(rows: Rows) -> Rows:
    middle = len(rows) // 2
    return [*rows[: middle + 1], *rows[middle:]]


def _wrong_row(rows: Rows) -> Rows:
    if not rows:
        return rows
    middle = len(rows) // 2
    wrong = wrong_types(json.loads(bytes(rows[middle])))
    return [*rows[:middle], msgspec.Raw(msgspec.json.encode(wrong)), *rows[middle + 1 :]]


_CHANGES: dict[Kind, Callable[[Rows], Rows]] = {
    Kind.EMPTY: lambda _: [],
    Kind.SHUFFLED: _shuffled,
    Kind.DOUBLED: _doubled,
    Kind.WRONG_ROW: _wrong_row,
    Kind.CUT_OFF: lambda rows: rows[: len(rows) * 2 // 3],
}
