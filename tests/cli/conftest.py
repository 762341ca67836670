"""The program, and exchanges for it to ask: the simulator, and one whose every answer is known."""

import signal
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.paper import PaperExchange
from tests.cli.program import Program, stop

ONE = {f"PERPS_STATS__{section}__EXCHANGES": "binance" for section in ("ASK", "STREAM")}
"""Where nothing else is said, the program asks and hears one exchange."""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, ONE)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    """The environment that points at a running ``perps-stats sim``, as that program prints it."""
    process = Program(tmp_path_factory.mktemp("sim")).start(
        *("sim", "--exchanges", "binance", "--symbols", "BTC,ETH")
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(2)]
    try:
        yield dict(line.split("=", 1) for line in lines)
    finally:
        stop(process, signal.SIGTERM)


@pytest.fixture
def paper(tmp_path: Path) -> Generator[tuple[Program, PaperExchange]]:
    """A program that asks an exchange whose answers are written down, and that exchange."""
    with closing(PaperExchange()) as exchange:
        environ = {**ONE, "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": exchange.url}
        yield Program(tmp_path, environ), exchange
