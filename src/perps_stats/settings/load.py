"""Flags > environment > ``.env`` > ``perps-stats.toml`` > defaults. What is unknown is an error."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from perps_stats.core.errors import BadInput, ConfigError, PerpsError, near_names
from perps_stats.settings.sources import (
    FLAG,
    Key,
    Said,
    in_files,
    is_table,
    said_by_dotenv,
    said_by_environment,
    said_by_flags,
    said_by_toml,
)
from perps_stats.settings.tree import LISTS, SECRETS, Settings, default_directory

Origins: TypeAlias = Mapping[str, str]
"""Where each setting was said, by its dotted name: ``default``, or the source and its spelling."""
DEFAULT = "default"
MASK = "***"


def load_settings(
    flags: Mapping[str, str], environ: Mapping[str, str], directory: Path
) -> tuple[Settings, Origins]:
    """``flags`` by dotted name. Raises ``BadInput`` for a bad flag, else ``ConfigError``."""
    weakest_first = (
        *said_by_toml(directory),
        *said_by_dotenv(directory),
        *said_by_environment(environ),
        *said_by_flags(flags),
    )
    values: dict[Key, object] = {("database", "dir"): default_directory(environ)}
    origins: dict[str, str] = {}
    for said in in_files(weakest_first, directory):
        values[said.key] = to_value(said, directory)
        origins[".".join(said.key)] = said.origin
    settings = msgspec.convert(_nested(values), Settings)
    return settings, {name: origins.get(name, DEFAULT) for name in leaves(settings)}


def leaves(settings: Settings) -> dict[str, object]:
    """Every setting by its dotted name: ``{"api.port": 8080}``."""
    return dict(_leaves(settings, ()))


def _leaves(value: object, key: Key) -> list[tuple[str, object]]:
    if isinstance(value, Struct):
        value = msgspec.structs.asdict(value)
    if is_table(value):
        return [leaf for name, below in value.items() for leaf in _leaves(below, (*key, name))]
    return [(".".join(key), value)]


def masked(text: str) -> str:
    """An address without its password, a key without its secret."""
    without = re.sub(r"(://[^:@/]*:).*@", rf"\1{MASK}@", text)
    without = re.sub(r"\b(ps_[0-9a-z]+_)\w+", rf"\1{MASK}", without)
    return re.sub(r"(?i)\b(password=)[^&\s]*", rf"\1{MASK}", without)


def to_value(said: Said, directory: Path) -> object:
    """As its setting's type. A relative directory is relative to where the program was started."""
    hint = _hint_of(said)
    value = said.value
    if hint in LISTS and isinstance(value, str):
        value = [name.strip() for name in re.split("[,\n]", value)]

    def to_path(_type: type, text: object) -> Path:
        return directory / Path(str(text)).expanduser()

    try:
        return msgspec.convert(value, hint, strict=said.typed, dec_hook=to_path)
    except msgspec.ValidationError:
        raise _wrong(said, _description(hint)) from None


def _hint_of(said: Said) -> object:
    """The type of the setting that the key names."""
    hint: object = Settings
    for depth, part in enumerate(said.key):
        below = _below(hint, part)
        if part not in below:
            raise _unknown(said, depth, list(below))
        hint = below[part]
    if below := _below(hint, "<name>"):
        raise ConfigError(f"{said.name} is a section; set one of {', '.join(below)} in it")
    return hint


def _below(hint: object, part: str) -> dict[str, object]:
    """The types by name under a section; any name is there in a mapping, none under a setting."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        return get_type_hints(hint, include_extras=True)
    return {part: get_args(hint)[1]} if get_origin(hint) is dict else {}


def _unknown(said: Said, depth: int, known: Sequence[str]) -> ConfigError:
    above = said.key[:depth]
    problem = f"{said.name} is not a setting ({said.source})"
    if not known:
        return ConfigError(f"{problem}; nothing lies below {said.spelt(above)}")
    near = near_names(said.key[depth], known)
    names = ", ".join(said.spelt((*above, name)) for name in near or known)
    return ConfigError(f"{problem}; {f'did you mean {names}?' if near else f'there are {names}'}")


def _wrong(said: Said, expected: str) -> PerpsError:
    shown = MASK if ".".join(said.key) in SECRETS else masked(str(said.value))
    if said.source == FLAG:
        return BadInput(said.name, shown, f"use {expected}")
    return ConfigError(f"{said.name}: {shown!r} is not accepted ({said.source}); use {expected}")


def _description(hint: object) -> str:
    for part in (*getattr(hint, "__metadata__", ()), *get_args(hint)):
        if isinstance(part, Meta):
            return part.description or ""
        if found := _description(part):
            return found
    return ""


def _nested(values: Mapping[Key, object]) -> dict[str, object]:
    """``{("api", "port"): 1}`` becomes ``{"api": {"port": 1}}``."""
    sections: dict[str, dict[Key, object]] = {}
    for key, value in values.items():
        sections.setdefault(key[0], {})[key[1:]] = value
    return {name: below[()] if () in below else _nested(below) for name, below in sections.items()}
