"""``config show``."""

import json

from tests.cli.program import Program

from perps_stats.settings import Settings, leaves


def test_every_setting_is_shown_with_its_origin(program: Program) -> None:
    """Value and source of each, from every kind of source."""
    (program.directory / ".env").write_text("PERPS_STATS__API__PORT=8081\n")
    (program.directory / "perps-stats.toml").write_text('[log]\nlevel = "debug"\n')
    environ = {"PERPS_STATS__STREAM__SYMBOLS": "BTC,SOL"}
    done = program("config", "show", "--json", **environ)
    assert (done.code, done.err) == (0, "")
    shown = {row["setting"]: (row["value"], row["from"]) for row in json.loads(done.out)["data"]}
    assert set(leaves(Settings())) == set(shown)
    assert shown["api.port"] == (8081, ".env PERPS_STATS__API__PORT")
    assert shown["log.level"] == ("debug", "perps-stats.toml")
    assert shown["stream.symbols"] == ("BTC,SOL", "environment PERPS_STATS__STREAM__SYMBOLS")
    assert shown["api.host"] == ("127.0.0.1", "default")
    assert shown["database.url"] == (None, "default")


def test_a_secret_is_not_shown(program: Program) -> None:
    """The address is, the password in it is not; of keys only that there are some."""
    environ = {
        "DATABASE_URL": "postgresql://me:s3cret@db.example/p",
        "PERPS_STATS__API__KEYS": "ps_abcd1234_s3cret",
    }
    for words in ([], ["--json"], ["--csv"]):
        out = program("config", "show", *words, **environ).out
        assert "postgresql://me:***@db.example/p" in out
        assert "s3cret" not in out


def test_a_wrong_setting_is_a_configuration_error(program: Program) -> None:
    """Exit code 3 and one line, whatever the command."""
    for words in (["config", "show"], ["exchanges"], ["stream"], ["db", "stats"]):
        done = program(*words, PERPS_STATS__API__PROT="1")
        assert (done.code, done.out) == (3, "")
        assert done.err == (
            "perps-stats: PERPS_STATS__API__PROT is not a setting (environment); "
            "did you mean PERPS_STATS__API__PORT?\n"
        )


def test_an_exchange_that_is_none_is_a_configuration_error(program: Program) -> None:
    """A misspelt exchange in the settings is not passed over."""
    done = program("ticker", "-s", "BTC", PERPS_STATS__EXCHANGES__BINANSE__REST_URL="http://x")
    assert done.code == 3
    assert "exchanges.binanse: there is no such exchange; use binance" in done.err
