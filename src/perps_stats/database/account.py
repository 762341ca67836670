"""Whom the embedded server runs as: PostgreSQL refuses root, so root lends it another user."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from perps_stats.core.errors import ConfigError

SERVER_USERS = ("perps-stats", "nobody")
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


class Account(Struct, frozen=True):
    """``switch``: we are root and start the server's programs as this user."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run to the end; the result holds both outputs. Our environment is not passed on."""
        return subprocess.run(  # noqa: S603  a fixed program with our own arguments
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=() if self.switch else None,
        )

    def can_enter(self, directory: Path) -> bool:
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", directory).returncode == 0

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account(data: Path) -> Account:
    """The owner of ``data`` where it exists; else ourselves, or for root an unprivileged user."""
    us = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if us != 0:
        if owner not in {None, us}:
            raise ConfigError(
                f"database directory {data}: it belongs to {_name(owner)}; run as that user, "
                "or set PERPS_STATS__DATABASE__DIR to a directory of yours"
            )
        return Account(_name(us), us, os.getegid(), switch=False)
    if owner == 0:
        raise ConfigError(f"database directory {data}: it belongs to root, whom PostgreSQL refuses")
    if owner is not None:
        return Account(_name(owner), owner, data.stat().st_gid, switch=True)
    return _unprivileged(SERVER_USERS)


def _unprivileged(names: Sequence[str]) -> Account:
    for name in names:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, user.pw_uid, user.pw_gid, switch=True)
    raise ConfigError(
        "the database cannot run as root; add a user for it: useradd --system perps-stats"
    )


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"uid {uid}"
