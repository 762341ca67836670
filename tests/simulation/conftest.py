"""What a run logs is of interest where one seed is looked into."""

import logging
import os
from collections.abc import Generator

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet() -> Generator[None]:
    """Nothing below an error, unless PERPS_STATS_SEED names the seed."""
    least = logging.INFO if "PERPS_STATS_SEED" in os.environ else logging.CRITICAL
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(least))
    yield
    structlog.reset_defaults()
