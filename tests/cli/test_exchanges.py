"""``exchanges``."""

import json

from tests.cli.program import Program

from perps_stats.exchanges import EXCHANGES


def test_it_tells_what_each_exchange_offers(program: Program) -> None:
    """Without asking anybody: addresses (as overridden), answers, streams."""
    environ = {"PERPS_STATS__EXCHANGES__BINANCE__WS_URL": "ws://127.0.0.1:9"}
    done = program("exchanges", "--json", **environ)
    listed = {row["exchange"]: row for row in json.loads(done.out)["data"]}
    assert (done.code, set(listed)) == (0, set(EXCHANGES))
    binance = listed["binance"]
    assert binance["rest_url"] == "https://fapi.binance.com"
    assert binance["ws_url"] == "ws://127.0.0.1:9"
    assert {"orderbook", "funding_history"} <= set(binance["answers"])
    assert {"orderbook", "trades"} <= set(binance["streams"])
    assert binance["max_depth"] == 1000
