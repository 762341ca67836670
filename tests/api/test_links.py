"""Where the OpenAPI text says that an answer leads."""

import pytest

from perps_stats.api.links import links_of
from perps_stats.api.resources import RESOURCES

from .conftest import Ask

BY_PATH = {resource.path: resource for resource in RESOURCES}


def test_the_next_page() -> None:
    """The cursor of the answer."""
    link = links_of(BY_PATH["trades"], RESOURCES)["next"]
    assert link["operationId"] == "trades"
    assert link["parameters"] == {"cursor": "$response.body#/meta/next"}


@pytest.mark.usefixtures("stored")
async def test_from_a_market_to_what_is_known_of_it(ask: Ask) -> None:
    """Each link of the markets leads to an answer about the first of them."""
    markets = await ask("/api/v1/markets")
    first = markets.data[0]
    links = links_of(BY_PATH["markets"], RESOURCES)
    assert {"tickers", "klines", "coverage_streams", "next"} <= set(links)
    by_id = {path.replace("/", "_").replace("-", "_"): path for path in BY_PATH}
    for name in set(links) - {"next"}:
        where = f"exchange={first['exchange']}&symbol={first['symbol']}"
        reply = await ask(f"/api/v1/{by_id[name]}?{where}")
        assert reply.status == 200, (name, reply.text)
