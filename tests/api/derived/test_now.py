"""What is compared now: fresh and known, or null and why; heard rather than stored."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from decimal import Decimal

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.api.conftest import Ask, Said, asking

from perps_stats.api import create_app
from perps_stats.core.live import BOOK_LEVELS, Stop, Told
from perps_stats.core.types import FundingKind, Orderbook
from perps_stats.database.repository import PostgresRepository

from .rows import NOW, book, market, rate, ticker

HOUR = 3600


class Hearing:
    """A process that hears books, and was asked for so many levels of them."""

    def __init__(self) -> None:
        self.books: dict[tuple[str, str], Orderbook] = {}
        self.asked: list[int] = []

    def markets(self) -> Sequence[tuple[str, str]]:
        return list(self.books)

    def simulated(self) -> Mapping[str, bool]:
        return {}

    def newest(
        self, data_set: str, exchange: str, symbol: str, depth: int = BOOK_LEVELS
    ) -> Sequence[Struct]:
        if data_set != "orderbooks":
            return []
        self.asked.append(depth)
        return [self.books[exchange, symbol]]

    def version(self, data_set: str, exchange: str, symbol: str) -> int:
        del data_set, exchange, symbol
        return 0

    def follow(self, data_set: str, exchange: str, symbol: str, told: Told) -> Stop:
        del data_set, exchange, symbol, told
        return lambda: None


@pytest.fixture
async def kept(repository: PostgresRepository) -> PostgresRepository:
    """Two markets of BTC, and nothing said of them."""
    await repository.store_markets([market("kucoin")], simulated=False)
    await repository.store_markets([market("binance", fee=None)], simulated=True)
    return repository


@pytest.fixture
def heard() -> Hearing:
    return Hearing()


@pytest.fixture(name="ask")
async def question(kept: PostgresRepository, heard: Hearing) -> AsyncGenerator[Ask]:
    app = create_app(kept, exchanges={}, now=lambda: NOW, process=Said(), live=heard)
    async with asking(app) as ask:
        yield ask


async def rows(ask: Ask, path: str) -> list[dict[str, object]]:
    reply = await ask(f"/api/v1/{path}")
    assert reply.status == 200, reply.text
    return reply.data


UNKNOWN = {
    "funding/matrix": "no funding rate is known",
    "basis": "no ticker is known",
    "spread": "no ticker is known",
    "cost?side=buy": "no orderbook is known",
    "shares?measure=volume_24h": "no ticker is known",
    "shares?measure=turnover_24h": "no ticker is known",
    "shares?measure=open_interest": "no open interest is known",
    "shares?measure=depth_10bps": "no liquidity is known",
}
SAID = {"size", "funding_interval", "fee_bps"}
"""What the question or the list of markets says."""


async def test_what_nobody_said_is_null_and_why(ask: Ask) -> None:
    """Each market has its row; no figure in it is a number, and nothing is zero."""
    for path, why in UNKNOWN.items():
        reply = await ask(f"/api/v1/{path}")
        assert [row["exchange"] for row in reply.data] == ["binance", "kucoin"]
        units = reply.meta["units"]
        assert isinstance(units, dict)
        for row in reply.data:
            assert why in str(row["missing"])
            assert row["timestamp"] is None
            assert {row[name] for name in units if name not in SAID} <= {None}


async def test_no_pair_and_no_cross_of_nothing(ask: Ask) -> None:
    """There is no pair to list; of a coin and currency there is a row that names who is missing."""
    assert await rows(ask, "funding/arbitrage") == []
    (cross,) = await rows(ask, "spread/cross")
    assert (cross["venues"], cross["spread_bps"]) == (0, None)
    assert cross["missing"] == [
        "binance:BTC: no ticker is known",
        "kucoin:BTC: no ticker is known",
    ]


async def test_what_is_too_old_is_not_compared(ask: Ask, kept: PostgresRepository) -> None:
    """A quarter of an hour, or as old as is said: its time is told, its figures are not."""
    await kept.store_tickers([ticker("kucoin", seconds=HOUR)])
    (_, old) = await rows(ask, "basis")
    assert (old["mark_price"], old["mark_basis_bps"]) == (None, None)
    assert old["missing"] == [
        "the last ticker is of 2026-03-01T12:00:00.000000Z: older than max_age"
    ]
    for max_age in ("1h", "60m", "999999w"):
        (_, fresh) = await rows(ask, f"basis?max_age={max_age}")
        assert (fresh["mark_basis_bps"], fresh["missing"]) == ("50.00000000", [])
    (_, old) = await rows(ask, "basis?max_age=3599s")
    assert old["mark_basis_bps"] is None


async def test_a_settled_rate_holds_until_the_next(ask: Ask, kept: PostgresRepository) -> None:
    """Of eight hours, seven hours old: it is the last there is. Nine hours old it is not. The
    running estimate is another kind.
    """
    await kept.store_funding_rates([rate("kucoin", FundingKind.SETTLED, 7 * HOUR)])
    await kept.store_funding_rates([rate("binance", FundingKind.SETTLED, 9 * HOUR)])
    late, held = await rows(ask, "funding/matrix?kind=settled")
    assert (held["funding_8h"], held["timestamp"]) == ("0.1", "2026-03-01T06:00:00.000000Z")
    assert late["funding_rate"] is None
    (_, running) = await rows(ask, "funding/matrix")
    assert (running["funding_rate"], running["missing"]) == (None, ["no predicted rate is known"])


async def test_a_pair_says_which_cost_is_unknown(ask: Ask, kept: PostgresRepository) -> None:
    """Binance tells no fee, of kucoin there is no book: what is earned is known, the net is not."""
    await kept.store_funding_rates([rate("kucoin"), rate("binance", value="-0.1")])
    await kept.store_orderbooks([book("binance")])
    (pair,) = await rows(ask, "funding/arbitrage?size=500")
    assert (pair["long_exchange"], pair["short_exchange"]) == ("binance", "kucoin")
    assert (pair["earned_per_hour"], pair["net_bps"], pair["cost"]) == ("0.0250", None, None)
    assert pair["missing"] == [
        "binance:BTC: binance does not tell its taker fee: set exchanges.binance.taker_fee",
        "kucoin:BTC: no orderbook is known",
    ]


async def test_what_is_heard_comes_before_what_is_stored(
    ask: Ask, kept: PostgresRepository, heard: Hearing
) -> None:
    """The newer book counts. Levels are asked for until there are enough."""
    await kept.store_orderbooks([book("kucoin", seconds=60)])
    (_, stored) = await rows(ask, "cost?side=buy&size=2000")
    assert (stored["fillable"], stored["max_amount"]) == (None, "1010")
    heard.books["kucoin", "BTC"] = book("kucoin", seconds=1, quantity="20")
    (_, found) = await rows(ask, "cost?side=buy&size=1900")
    assert (found["fillable"], found["timestamp"]) == (True, "2026-03-01T12:59:59.000000Z")
    assert heard.asked == [10]
    await rows(ask, "cost?side=buy&size=1m")
    assert heard.asked == [10, 10, 100, 1000]


async def test_a_book_stands_in_for_best_prices(
    ask: Ask, kept: PostgresRepository, heard: Hearing
) -> None:
    """A venue that tells no ticker has a spread by its book."""
    wider = replace(ticker("binance", seconds=5), best_ask_price=Decimal(102))
    await kept.store_tickers([wider])
    heard.books["kucoin", "BTC"] = book("kucoin")
    told, booked = await rows(ask, "spread")
    assert (told["best_ask_price"], booked["best_ask_price"]) == ("102", "101")
    assert booked["spread_bps"] == "200.00000000"
    assert booked["timestamp"] == "2026-03-01T12:59:59.000000Z"
    (cross,) = await rows(ask, "spread/cross")
    assert (cross["venues"], cross["apart"], cross["missing"]) == (2, "4.0", [])


async def test_a_question_can_name_exchange_and_symbol(ask: Ask) -> None:
    """As everywhere: who is not asked for is in no row, and no part of a total."""
    assert [row["exchange"] for row in await rows(ask, "cost?exchange=kucoin&side=buy")] == [
        "kucoin"
    ]
    assert len(await rows(ask, "shares?symbol=kucoin:BTC&measure=volume_24h")) == 1
    reply = await ask("/api/v1/basis?symbol=BTX")
    assert (reply.status, reply.body["field"]) == (400, "symbol")


REFUSED = {
    "cost?size=0": "size",
    "cost?size=1e5": "size",
    "cost?amount=1": "parameter",
    "cost?side=both": "side",
    "cost/hours?size=-1": "size",
    "cost/hours?start=2026-02-02&end=2026-02-01": "end_time",
    "funding/matrix?max_age=0s": "max_age",
    "funding/matrix?max_age=15": "max_age",
    "funding/matrix?kind=any": "kind",
    "funding/arbitrage?hold=-1h": "hold",
    "funding/arbitrage?hold=1h&hold=2h": "hold",
    "shares?measure=volume": "measure",
    "basis?limit=0": "limit",
    "basis/history?offset=5": "parameter",
    "catalog?data=prices": "data",
}


async def test_bad_questions_are_refused(ask: Ask) -> None:
    """With the parameter that is wrong, and what to do."""
    for question, field in REFUSED.items():
        reply = await ask(f"/api/v1/{question}")
        assert (reply.status, reply.body["field"]) == (400, field)
        assert reply.body["remedy"]


async def test_rows_of_now_are_paged(ask: Ask, kept: PostgresRepository) -> None:
    """Each once, by coin, side, exchange and symbol."""
    coins = ("ETH", "BTC", "SOL")
    for coin in coins:
        await kept.store_markets([market("kucoin", base=coin)], simulated=False)
    found: list[tuple[object, ...]] = []
    cursor: object = ""
    while cursor is not None:
        reply = await ask(f"/api/v1/cost?limit=3{cursor}")
        found += [(row["base"], row["side"], row["exchange"]) for row in reply.data]
        cursor = reply.meta["next"] and f"&cursor={reply.meta['next']}"
    of_btc = [("BTC", side, name) for side in ("buy", "sell") for name in ("binance", "kucoin")]
    others = [(coin, side, "kucoin") for coin in ("ETH", "SOL") for side in ("buy", "sell")]
    assert found == [*of_btc, *others]
