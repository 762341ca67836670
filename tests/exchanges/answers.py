"""Driving a flow by hand: what it asked, and what came out."""

import json
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Kline, Market
from perps_stats.exchanges.contract import Answer, Ask, Candles, Flow, Request, Window
from perps_stats.feed.client import to_klines

T = TypeVar("T")
AskCandles: TypeAlias = Callable[[Market, str, Window, int | None], Flow[Candles]]
Said: TypeAlias = tuple[str, dict[str, str], int, str]
"""Path, query, weight and pool of a request."""


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def asked(
    flow: Flow[T], answer: Callable[[Request], bytes], bad: list[Unreadable] | None = None
) -> tuple[T, list[tuple[Said, ...]]]:
    """The result, and what was asked at once. Rows that cannot be read go to ``bad``."""
    asks: list[tuple[Said, ...]] = []
    try:
        ask = next(flow)
        while True:
            if isinstance(ask, Unreadable):
                if bad is None:
                    raise ask
                bad.append(ask)
                ask = next(flow)
            else:
                requests = (ask,) if isinstance(ask, Request) else ask
                asks.append(tuple(map(_said, requests)))
                ask = flow.send(_answered(ask, answer))
    except StopIteration as done:
        result: T = done.value
        return result, asks


def as_klines(
    ask: AskCandles, market: Market, interval: str, window: Window, limit: int | None
) -> Flow[list[Kline]]:
    """What is asked stays as it is; the candles come out as values."""
    return to_klines(market, interval, (yield from ask(market, interval, window, limit)))


def _said(request: Request) -> Said:
    return request.path, dict(request.query), request.weight, request.pool


def _answered(ask: Ask, answer: Callable[[Request], bytes]) -> Answer:
    return answer(ask) if isinstance(ask, Request) else tuple(map(answer, ask))
