"""What the documents show is what happens."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from msgspec import structs
from tests.api.rows import KLINE

from perps_stats import client as package
from perps_stats.client import errors
from perps_stats.database.repository import PostgresRepository

DOCS = Path(__file__).parents[2] / "docs"
HERE = "http://127.0.0.1:8080"


def examples(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / document).read_text(), re.DOTALL)


@pytest.mark.usefixtures("stored")
async def test_the_guide_of_the_client_runs(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One example after the other, as a reader would try them."""
    program = "\n".join(examples("client.md", "python")).replace(HERE, address)
    names: dict[str, object] = {}
    program = program.replace('start_time="-24h"', 'start_time="2026-03-01"')
    await asyncio.to_thread(exec, compile(f"{program}\nclient.close()", "client.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "2026-03-01 12:00:00.123000+00:00 binance sell 61659.70 1E-8" in printed
    assert "2026-03-01 12:00:03+00:00 True quote" in printed
    assert "binance None at least" in printed
    assert "61659.70" in printed.partition("shape: (1, 4)")[2]


def test_the_guide_names_every_error() -> None:
    """And none that there is not."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    told = {name for name in kinds if issubclass(vars(errors)[name], errors.ClientError)}
    table = re.findall(r"^\| (`.*?) \|", (DOCS / "client.md").read_text(), re.MULTILINE)
    named = {name for row in table for name in re.findall(r"`(\w+)`", row)}
    assert named == (told | {package.Missed.__name__}) - {"ClientError", "Refused"}


async def test_the_guide_of_the_charting_library(address: str, stored: PostgresRepository) -> None:
    """The answer that it shows, to the byte."""
    hour = KLINE.close_time - KLINE.open_time
    later = structs.replace(
        KLINE,
        open_time=KLINE.open_time + hour,
        close_time=KLINE.close_time + hour,
        **{name: getattr(KLINE, name) + 100 for name in ("open", "high", "low", "close")},
    )
    await stored.store_klines([later])
    [(url, shown)] = re.findall(r"\$ curl -s '(.*?)'\n(.*?)\n", (DOCS / "udf.md").read_text())
    async with aiohttp.ClientSession() as session, session.get(url.replace(HERE, address)) as reply:
        assert await reply.text() == shown
