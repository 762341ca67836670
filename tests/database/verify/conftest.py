"""A database with two markets."""

import pytest
from tests.database.samples import market

from perps_stats.database.repository import PostgresRepository


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    return repository
