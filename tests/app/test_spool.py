"""The spool that the settings name; where it cannot be used, nothing begins."""

from pathlib import Path

import pytest
from tests.cli.program import Program

from perps_stats.app.spool import open_spool
from perps_stats.core.errors import ConfigError
from perps_stats.ingest.spool.spool import NoRoom
from perps_stats.settings import Settings, load_settings


def settings(**flags: str) -> Settings:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    return load_settings(given, {}, Path.cwd())[0]


async def test_it_lies_beside_the_database(tmp_path: Path) -> None:
    """Unless a directory is named; its limit and its policy are the settings'."""
    async with open_spool(settings(database__dir=str(tmp_path))) as spool:
        spool.append([b"a"])
        assert (spool.max_bytes, spool.drops_oldest) == (4 << 30, False)
    assert [path.suffix for path in (tmp_path / "spool").iterdir() if path.name != "lock"] == [
        ".spool"
    ]
    other = settings(
        stream__spool_dir=str(tmp_path / "other"),
        stream__spool_max_bytes="100",
        stream__spool_when_full="drop_oldest",
    )
    async with open_spool(other) as spool:
        assert (spool.records, spool.drops_oldest) == (0, True)
        with pytest.raises(NoRoom, match="limit of 100 bytes"):
            spool.append([b"a" * 200])


async def test_what_an_earlier_process_left_is_there(tmp_path: Path) -> None:
    """And when it is gone another may have the directory."""
    wanted = settings(stream__spool_dir=str(tmp_path))
    async with open_spool(wanted) as spool:
        spool.append([b"a", b"b"])
        with pytest.raises(ConfigError, match="another process uses it"):
            async with open_spool(wanted):
                pass
    async with open_spool(wanted) as spool:
        assert spool.read(1000).payloads == [b"a", b"b"]


def test_a_directory_that_cannot_be_used_is_one_line(directory: Path) -> None:
    """Exit code 3, what is wrong and which setting to change, before anything is collected."""
    place = directory / "spool"
    place.write_text("")
    program = Program(directory, {"PERPS_STATS__DATABASE__DIR": str(directory / "db")})
    program.environ |= {
        f"PERPS_STATS__EXCHANGES__BINANCE__{name}_URL": f"{scheme}://127.0.0.1:9"
        for name, scheme in (("REST", "http"), ("WS", "ws"))
    }
    ended = program("stream", "-s", "BTC", "-e", "binance")
    told = [line for line in ended.err.splitlines() if not line.startswith("waiting: ")]
    assert (ended.code, ended.out) == (3, "")
    named = "name a directory of this process alone: PERPS_STATS__STREAM__SPOOL_DIR"
    assert told == [f"perps-stats: stream.spool_dir: {place}: File exists; {named}"]
