"""A data directory of the embedded server: where its parts are, how it is made and configured.

It is made under another name and renamed when it is finished, so ``data`` exists whole or not at
all; what an interrupted attempt left is removed by the next.
"""

import os
import shutil
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from perps_stats.core.errors import ConfigError, DatabaseError
from perps_stats.database.account import Account
from perps_stats.database.binaries import Binaries

PORT = 5432
USER = "postgres"
LONGEST_SOCKET = 100
DRAFT = "data-draft-"
OURS = "perps-stats.conf"
MEGABYTE = 1 << 20
CONFIGURATION = """\
# Written by perps-stats at each start of the server. Your own settings: `alter system`.
listen_addresses = ''
port = {port}
unix_socket_directories = '"{socket}"'
unix_socket_permissions = 0700
max_connections = 60
max_locks_per_transaction = 256
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
synchronous_commit = on
jit = off
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_checkpoints = off
"""


class Cluster:
    """The layout of ``directory``. Every process that names the same directory agrees on it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.expanduser().resolve()
        self.data = self.directory / "data"
        self.log = self.data / "server.log"
        self.postmaster = self.data / "postmaster.pid"
        self.start_lock = self.directory / "start.lock"
        self.clients_lock = self.directory / "clients.lock"
        self.socket_directory = _socket_directory(self.directory)
        self.socket = self.socket_directory / f".s.PGSQL.{PORT}"

    def url(self, database: str) -> str:
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{USER}@/{database}?host={host}&port={PORT}&sslmode=disable"

    def make_directory(self) -> None:
        """The directory and what is missing above it; nothing that exists changes its mode."""
        if set(str(self.directory)) & set('"$`\\\n'):
            raise ConfigError(f'database directory {self.directory}: it must not hold " $ ` or \\')
        try:
            tree = (self.directory, *self.directory.parents)
            for path in reversed([path for path in tree if not path.exists()]):
                path.mkdir(exist_ok=True)
                path.chmod(0o755 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise unwritable(self.directory, error) from error
        if not os.access(self.directory, os.W_OK | os.X_OK):
            raise unwritable(self.directory, None)

    def version(self) -> int | None:
        """The major version of the data, ``None`` where there is none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text().split(".")[0])
        except FileNotFoundError:
            if self.data.exists() and any(self.data.iterdir()):
                raise DatabaseError(
                    f"database directory {self.data}: it is not empty and not a database; "
                    "move it away, or set PERPS_STATS__DATABASE__DIR to another directory"
                ) from None
            return None

    def create(self, binaries: Binaries, account: Account) -> None:
        """Called under the start lock."""
        for left_over in self.directory.glob(f"{DRAFT}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        draft = self.directory / f"{DRAFT}{token_hex(4)}"
        draft.mkdir(mode=0o700)
        account.own(draft)
        if not account.can_enter(draft):
            raise ConfigError(
                f"database directory {self.directory}: the server runs as {account.name}, who "
                "cannot enter it; set PERPS_STATS__DATABASE__DIR to one below /var/lib"
            )
        _initialise(draft, binaries, account)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"include_if_exists = '{OURS}'\n")
        draft.rename(self.data)

    def configure(self, account: Account) -> None:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
        text = CONFIGURATION.format(
            port=PORT,
            socket=str(self.socket_directory).replace("'", "''"),
            buffers=max(32, min(512, memory // 16)),
            cache=max(64, memory // 4),
        )
        draft = self.data / f"{OURS}.draft"
        draft.write_text(text, encoding="utf-8")
        account.own(draft)
        draft.rename(self.data / OURS)

    def make_socket_directory(self, account: Account) -> None:
        path = self.socket_directory
        if not path.exists():
            path.mkdir(mode=0o700)
            account.own(path)
        state = path.lstat()
        if path.is_symlink() or state.st_uid != account.uid or state.st_mode & 0o077:
            raise DatabaseError(
                f"{path}: it must be a directory of {account.name} that nobody else can enter; "
                "remove it and start again"
            )


def unwritable(directory: Path, error: OSError | None) -> ConfigError:
    reason = error.strerror if error else "Permission denied"
    return ConfigError(
        f"database directory {directory}: cannot be written ({reason}); "
        "set PERPS_STATS__DATABASE__DIR to another directory, or DATABASE_URL to a server"
    )


def _socket_directory(directory: Path) -> Path:
    """Inside ``directory``; a short name below /tmp where the kernel's 107 bytes do not suffice.

    It depends on the path alone, so that all processes agree.
    """
    inside = directory / "run"
    name = str(inside / f".s.PGSQL.{PORT}")
    if len(os.fsencode(name)) < LONGEST_SOCKET and not set(name) & set(","):
        return inside
    return Path("/tmp") / f"perps-stats-{sha256(os.fsencode(directory)).hexdigest()[:16]}"  # noqa: S108  0700, owner checked


def _initialise(draft: Path, binaries: Binaries, account: Account) -> None:
    """UTF-8 by code point: PostgreSQL's own C.UTF-8 where it has one, else the system's, else C."""
    locales = [["--locale=C.UTF-8"], ["--locale=C"]]
    if binaries.major >= 17:  # noqa: PLR2004  the first with a built-in UTF-8 locale
        locales.insert(0, ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"])
    fixed = f"--username={USER} --encoding=UTF8 --data-checksums --auth-local=trust"
    output = ""
    for locale in locales:
        command = [*fixed.split(), "--auth-host=reject", *locale, "-D", str(draft)]
        answer = account.run(binaries.bin / "initdb", *command)
        if answer.returncode == 0:
            return
        output = answer.stdout
    shutil.rmtree(draft, ignore_errors=True)
    reason = next((line for line in output.splitlines() if "error" in line), output[-200:])
    raise DatabaseError(f"database directory {draft.parent}: cannot be made: {reason}")
