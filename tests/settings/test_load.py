"""Settings: which source prevails, and what a wrong one says."""

from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput, ConfigError
from perps_stats.settings import Settings, leaves, load_settings, masked

PORT = "PERPS_STATS__API__PORT"


def test_the_stronger_source_prevails(tmp_path: Path) -> None:
    """Flags > environment > .env > perps-stats.toml > defaults, one step at a time."""
    flags: dict[str, str] = {}
    environ: dict[str, str] = {}

    def port() -> tuple[int, str]:
        settings, origins = load_settings(flags, environ, tmp_path)
        return settings.api.port, origins["api.port"]

    assert port() == (8080, "default")
    (tmp_path / "perps-stats.toml").write_text("[api]\nport = 1001\n")
    assert port() == (1001, "perps-stats.toml")
    (tmp_path / ".env").write_text(f"{PORT}=1002\n")
    assert port() == (1002, f".env {PORT}")
    environ[PORT] = "1003"
    assert port() == (1003, f"environment {PORT}")
    flags["api.port"] = "1004"
    assert port() == (1004, "flag")


def test_sources_complete_each_other(tmp_path: Path) -> None:
    """Each setting is taken from where it is said, even inside one section."""
    (tmp_path / "perps-stats.toml").write_text(
        '[exchanges.kucoin]\nrest_url = "https://a"\nws_url = "wss://a"\n'
    )
    environ = {
        "PERPS_STATS__EXCHANGES__KUCOIN__REST_URL": "http://127.0.0.1:9",
        "PERPS_STATS__EXCHANGES__BINANCE__WS_PATHS__TRADES": "/market",
    }
    exchanges = load_settings({}, environ, tmp_path)[0].exchanges
    assert exchanges["kucoin"].rest_url == "http://127.0.0.1:9"
    assert exchanges["kucoin"].ws_url == "wss://a"
    assert exchanges["binance"].ws_paths == {"trades": "/market"}
    assert exchanges["binance"].rest_url is None


def test_lists_and_numbers_come_from_text(tmp_path: Path) -> None:
    """A variable is text: names are split at commas, numbers and days are converted."""
    environ = {
        "PERPS_STATS__STREAM__SYMBOLS": "BTC, 1000PEPE ,ETH",
        "PERPS_STATS__STREAM__SAMPLE_SECONDS": "0.5",
        "PERPS_STATS__STREAM__BOOK_LEVELS": "30",
    }
    settings, _ = load_settings({}, environ, tmp_path)
    assert settings.stream.symbols == ("BTC", "1000PEPE", "ETH")
    assert settings.stream.sample_seconds == 0.5
    assert settings.stream.book_levels == 30


def test_database_url_has_two_names(tmp_path: Path) -> None:
    """DATABASE_URL is read; the product's own name prevails over it in the same source."""
    environ = {"DATABASE_URL": "postgres://a/b"}
    settings, origins = load_settings({}, environ, tmp_path)
    assert settings.database.url == "postgres://a/b"
    assert origins["database.url"] == "environment DATABASE_URL"
    environ["PERPS_STATS__DATABASE__URL"] = "postgresql://c/d"
    settings, origins = load_settings({}, environ, tmp_path)
    assert settings.database.url == "postgresql://c/d"
    assert origins["database.url"] == "environment PERPS_STATS__DATABASE__URL"


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """``NAME=`` says nothing: the default stays."""
    settings, origins = load_settings({}, {PORT: "", "DATABASE_URL": ""}, tmp_path)
    assert (settings.api.port, settings.database.url) == (8080, None)
    assert origins["api.port"] == "default"


def test_a_relative_directory_is_made_absolute(tmp_path: Path) -> None:
    """The database's directory does not move when a process changes its own."""
    settings, _ = load_settings({}, {"PERPS_STATS__DATABASE__DIR": "data"}, tmp_path)
    assert settings.database.dir == tmp_path / "data"


def test_foreign_variables_are_no_settings(tmp_path: Path) -> None:
    """Single-underscore names are the tests' and the launcher's; other programs' are theirs."""
    names = ("PERPS_STATS_CAPTURES", "PERPS_STATS_POSTGRES_BIN", "POSTGRES_PASSWORD", "PATH")
    (tmp_path / ".env").write_text("".join(f"{name}=x\n" for name in names))
    with_them, _ = load_settings({}, dict.fromkeys(names, "x"), tmp_path)
    (tmp_path / ".env").unlink()
    assert load_settings({}, {}, tmp_path)[0] == with_them


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PERPS_STATS__API__PROT", "1", r"PERPS_STATS__API__PROT .* did you mean .*__API__PORT\?"),
        ("PERPS_STATS__NONSENSE", "1", "PERPS_STATS__NONSENSE .* there are .*PERPS_STATS__API"),
        ("PERPS_STATS__API", "1", "is a section; set one of host, port"),
        ("PERPS_STATS__API__PORT__X", "1", "nothing lies below PERPS_STATS__API__PORT"),
        ("PERPS_STATS__EXCHANGES__X__REST", "1", "did you mean PERPS_STATS__EXCHANGES__X__REST_UR"),
        (PORT, "http", r"PERPS_STATS__API__PORT: 'http' .*\(environment\); use a port, 0 to 65535"),
        (PORT, "65536", "use a port, 0 to 65535"),
        ("PERPS_STATS__STREAM__SYMBOLS", "BTC,,ETH", "use names separated by commas"),
        ("PERPS_STATS__STREAM__SAMPLE_SECONDS", "0", "use a number of seconds above 0"),
        ("PERPS_STATS__STREAM__SAMPLE_SECONDS", "nan", "use a number of seconds above 0"),
        ("PERPS_STATS__STREAM__BOOK_LEVELS", "0", "at least 1"),
        ("PERPS_STATS__EXCHANGES__X__REST_URL", "fapi.x.com", "such as https://host"),
        ("PERPS_STATS__EXCHANGES__X__WS_URL", "https://x", "such as wss://host"),
        ("PERPS_STATS__LOG__LEVEL", "loud", "debug, info, warning or error"),
        ("DATABASE_URL", "mysql://u:secret@h/d", r"mysql://u:\*\*\*@h/d.* postgresql://user@host"),
    ],
)
def test_a_wrong_variable_says_name_value_source_and_remedy(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    """Unknown names and wrong values are refused, with what to write instead."""
    with pytest.raises(ConfigError, match=told) as caught:
        load_settings({}, {name: value}, tmp_path)
    assert caught.value.exit_code == 3
    assert "secret" not in str(caught.value)


def test_a_wrong_value_is_told_even_where_a_stronger_source_prevails(tmp_path: Path) -> None:
    """A mistake in a file is not hidden by a flag."""
    (tmp_path / ".env").write_text(f"{PORT}=http\n")
    with pytest.raises(ConfigError, match=r"\(\.env\)"):
        load_settings({"api.port": "8081"}, {}, tmp_path)


def test_a_wrong_flag_is_bad_input(tmp_path: Path) -> None:
    """A flag is the user's input of this moment: exit code 2."""
    with pytest.raises(BadInput, match=r"api\.port: '-1' .* use a port"):
        load_settings({"api.port": "-1"}, {}, tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[api]\nprot = 1\n", r"api\.prot is not a setting \(perps-stats\.toml\); did you mean"),
        ('[api]\nport = "1"\n', r"api\.port: '1' is not accepted \(perps-stats\.toml\)"),
        ("[stream]\nsymbols = [1]\n", r"stream\.symbols"),
        ("api = 1\n", "api is a section; set one of host, port"),
        ("[api\n", r"perps-stats\.toml is not valid TOML: .*line 1"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, told: str) -> None:
    """A TOML value has a type of its own; text is not taken for a number."""
    (tmp_path / "perps-stats.toml").write_text(text)
    with pytest.raises(ConfigError, match=told):
        load_settings({}, {}, tmp_path)


def test_leaves_are_the_settings_by_name() -> None:
    """Every setting has a dotted name, down to the paths of an exchange."""
    names = leaves(Settings())
    assert names["api.port"] == 8080
    assert names["stream.symbols"] == ("BTC", "ETH")
    assert "exchanges" not in names


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:p@ss:w@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://h/d?user=u&password=p&x=1", "postgresql://h/d?user=u&password=***&x=1"),
        ("ps_abcd1234_" + "5" * 64, "ps_abcd1234_***"),
    ],
)
def test_passwords_are_masked(address: str, shown: str) -> None:
    """Nothing of a password is shown; the rest of the address is."""
    assert masked(address) == shown


def test_a_setting_may_be_in_a_file(tmp_path: Path) -> None:
    """As secrets are handed to containers, from every source; the file is named where it fails."""
    (tmp_path / "url").write_text("postgresql://u:s3cret@h/d\n")
    (tmp_path / "keys").write_text("one\ntwo\n")
    (tmp_path / "port").write_text("9000")
    (tmp_path / "perps-stats.toml").write_text('[api]\nport_file = "port"\n')
    environ = {
        "DATABASE_URL_FILE": str(tmp_path / "url"),
        "PERPS_STATS__API__KEYS_FILE": "keys",
    }
    settings, origins = load_settings({}, environ, tmp_path)
    assert settings.database.url == "postgresql://u:s3cret@h/d"
    assert (settings.api.keys, settings.api.port) == (("one", "two"), 9000)
    assert origins["database.url"] == "environment DATABASE_URL_FILE"
    with pytest.raises(
        ConfigError, match=r"API__KEYS_FILE: .*nowhere cannot be read \(No such fil"
    ):
        load_settings({}, {"PERPS_STATS__API__KEYS_FILE": "nowhere"}, tmp_path)
    twice = {**environ, "PERPS_STATS__API__KEYS": "three"}
    with pytest.raises(ConfigError, match=r"API__KEYS_FILE: \S+API__KEYS is given too; give one"):
        load_settings({}, twice, tmp_path)


def test_a_secret_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    """Neither a key, nor a password in a file."""
    (tmp_path / "url").write_text("mysql://u:s3cret@h/d")
    for environ in (
        {"PERPS_STATS__API__KEYS": "s3cret,,"},
        {"PERPS_STATS__DATABASE__URL_FILE": "url"},
    ):
        with pytest.raises(ConfigError, match=r"\*\*\*") as told:
            load_settings({}, environ, tmp_path)
        assert "s3cret" not in str(told.value)
