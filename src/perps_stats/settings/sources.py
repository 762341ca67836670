"""Where settings are said: flags, environment, ``.env``, ``perps-stats.toml``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.core.errors import ConfigError

PREFIX = "PERPS_STATS__"
DATABASE_URL = "DATABASE_URL"
FILE = "_file"
NOT_SETTINGS = {"PERPS_STATS_CAPTURES", "PERPS_STATS_POSTGRES_BIN"}
"""Variables of the tests and of the database launcher."""
FLAG = "flag"
ENVIRONMENT = "environment"
DOTENV = ".env"
TOML = "perps-stats.toml"

Key: TypeAlias = tuple[str, ...]


class Said(Struct, frozen=True, kw_only=True):
    """One setting as ``source`` spells it. A TOML value has its type already, others are text."""

    key: Key
    value: object
    name: str
    source: str
    in_file: bool = False
    """Whether the value was read from the file that was said."""

    @property
    def typed(self) -> bool:
        return self.source == TOML and not self.in_file

    @property
    def is_variable(self) -> bool:
        return self.source in {ENVIRONMENT, DOTENV}

    @property
    def origin(self) -> str:
        return f"{self.source} {self.name}" if self.is_variable else self.source

    def spelt(self, key: Key) -> str:
        """Another key, as this source would spell it."""
        return PREFIX + "__".join(key).upper() if self.is_variable else ".".join(key)


def said_by_flags(flags: Mapping[str, str]) -> Iterator[Said]:
    for name, value in flags.items():
        yield Said(key=tuple(name.split(".")), value=value, name=name, source=FLAG)


def said_by_environment(environ: Mapping[str, str]) -> Iterator[Said]:
    yield from _variables(environ, ENVIRONMENT)


def said_by_dotenv(directory: Path) -> Iterator[Said]:
    """Other programs' variables are left alone, save those that look like ours, misspelt."""
    path = directory / DOTENV
    variables = dict(parse_dotenv(_read(path))) if path.is_file() else {}
    for name in variables:
        ours = name.startswith(PREFIX) or name in NOT_SETTINGS
        if name.upper().startswith("PERPS") and not ours:
            raise ConfigError(f"{DOTENV}: {name} is not a setting; ours begin with {PREFIX}")
    yield from _variables(variables, DOTENV)


def said_by_toml(directory: Path) -> Iterator[Said]:
    path = directory / TOML
    if not path.is_file():
        return
    import tomllib  # noqa: PLC0415 - most runs have no such file

    try:
        tables: dict[str, object] = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{TOML} is not valid TOML: {error}") from None
    yield from _flat(tables, ())


def in_files(every: Sequence[Said], directory: Path) -> Iterator[Said]:
    """The same; of any setting ``<name>_file`` says the file that holds it, as secrets are handed
    to containers. Raises ``ConfigError``.
    """
    for said in every:
        if not said.key[-1].endswith(FILE):
            yield said
            continue
        key = (*said.key[:-1], said.key[-1].removesuffix(FILE))
        twice = [other.name for other in every if (other.key, other.source) == (key, said.source)]
        if twice:
            raise ConfigError(f"{said.name}: {twice[0]} is given too; give one of them")
        text = _read(directory / Path(str(said.value)).expanduser(), said.name).strip()
        yield replace(said, key=key, value=text, in_file=True)


def _variables(variables: Mapping[str, str], source: str) -> Iterator[Said]:
    """The general name first, so that the product's own name for the same setting prevails.

    An empty variable counts as not set.
    """
    for suffix in ("", FILE):
        spelt = DATABASE_URL + suffix.upper()
        if url := variables.get(spelt):
            yield Said(key=("database", f"url{suffix}"), value=url, name=spelt, source=source)
    for name, value in variables.items():
        if name.startswith(PREFIX) and value:
            key = tuple(name.removeprefix(PREFIX).lower().split("__"))
            yield Said(key=key, value=value, name=name, source=source)


def _flat(tables: Mapping[str, object], above: Key) -> Iterator[Said]:
    for name, value in tables.items():
        key = (*above, name)
        if is_table(value):
            yield from _flat(value, key)
        else:
            yield Said(key=key, value=value, name=".".join(key), source=TOML)


def is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _read(path: Path, name: str | None = None) -> str:
    """``name`` of the setting that says the file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{name or path.name}: {path} cannot be read ({reason})") from None


def parse_dotenv(text: str) -> Iterator[tuple[str, str]]:
    """``NAME=value`` lines; ``export``, comments and either quote are understood."""
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        match = re.fullmatch(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)", content)
        value = _unquoted(match[2]) if match else None
        if match is None or value is None:
            raise ConfigError(f"{DOTENV} line {number} is not NAME=value")
        yield match[1], value


def _unquoted(text: str) -> str | None:
    """``None`` where a quote is left open."""
    if text[:1] in {"'", '"'}:
        match = re.fullmatch(r"(['\"])(.*?)\1\s*(?:#.*)?", text)
        return match[2] if match else None
    return re.sub(r"(^|\s)#.*$", "", text).strip()
