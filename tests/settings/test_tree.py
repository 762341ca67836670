"""The settings agree with the catalogue and with ``.env.example``."""

import re
from pathlib import Path

import pytest

from perps_stats.settings import (
    ExchangeSettings,
    Settings,
    default_directory,
    leaves,
    load_settings,
)

EXAMPLE = Path(__file__).parents[2] / ".env.example"
OF_AN_EXCHANGE = {"rest_url", "ws_url", "ws_paths.orderbook", "limit_factor", "taker_fee"}


def variables() -> dict[str, str]:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    return {name: value for name, value in lines if name != "DATABASE_URL"}


def test_the_example_names_every_setting() -> None:
    """``.env.example`` has each setting once and no other."""
    names = {*leaves(Settings()), *(f"exchanges.binance.{name}" for name in OF_AN_EXCHANGE)}
    assert set(variables()) == {"PERPS_STATS__" + name.replace(".", "__").upper() for name in names}
    fields = {name.partition(".")[0] for name in OF_AN_EXCHANGE}
    assert set(ExchangeSettings.__struct_fields__) == fields


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    """Uncommented as it stands, ``.env.example`` changes nothing, and every line of it is read."""
    defaults, _ = load_settings({}, {}, tmp_path)
    text = re.sub(r"^# (?=PERPS_STATS__[A-Z_]+=)", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text)
    settings, origins = load_settings({}, {}, tmp_path)
    assert settings == defaults
    said = {name for name, value in variables().items() if value}
    assert {origin for origin in origins.values() if origin != "default"} == {
        f".env {name}" for name in said
    }


@pytest.mark.parametrize(
    ("root", "environ", "expected"),
    [
        (True, {}, Path("/var/lib/perps-stats")),
        (False, {"XDG_DATA_HOME": "/data"}, Path("/data/perps-stats")),
        (False, {}, Path.home() / ".local/share/perps-stats"),
    ],
)
def test_the_database_lives_where_the_system_keeps_data(
    monkeypatch: pytest.MonkeyPatch,
    root: bool,  # noqa: FBT001 - a parametrised value
    environ: dict[str, str],
    expected: Path,
) -> None:
    """Root has the system's place, a user the XDG one."""
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    assert default_directory(environ) == expected
