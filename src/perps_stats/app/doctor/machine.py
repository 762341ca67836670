"""The machine: the spool's place, and how many files may be open."""

import resource
import shutil
from collections.abc import Sequence
from pathlib import Path

from perps_stats.app.doctor.findings import Finding, Place, Status, sized
from perps_stats.app.spool import FOLDER
from perps_stats.settings import Settings

BESIDE = 300
"""Open files beside streams: requests, the database, who asks the API, logs."""


def look_at_spool(settings: Settings) -> list[Finding]:
    """What waits in it, and whether the disk has the room that it may take."""
    stream = settings.stream
    path = (stream.spool_dir or settings.database.dir / FOLDER).expanduser()
    waiting = _size(path)
    free = shutil.disk_usage(_existing(path)).free
    backlog = _of_machine(
        "spool",
        Status.WARNING if waiting else Status.OK,
        f"{sized(waiting)} wait in {path}",
        "they are stored as soon as a collector runs and the database answers",
    )
    lacking = stream.spool_max_bytes - waiting - free
    room = _of_machine(
        "room for the spool",
        Status.WARNING if lacking > 0 else Status.OK,
        f"{sized(free)} are free, it may take {sized(stream.spool_max_bytes)}",
        "make room, or set stream.spool_max_bytes or stream.spool_dir",
    )
    return [backlog, room]


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.glob("*") if each.is_file())


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def look_at_files(connections: Sequence[int | None]) -> Finding:
    """Each connection may have a successor beside it."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = BESIDE + 2 * sum(each or 0 for each in connections)
    if None in connections:
        found = f"{allowed} are allowed; how many are needed an unreachable exchange did not say"
        return _of_machine("open files", Status.NOT_CHECKED, found)
    return _of_machine(
        "open files",
        Status.FAILED if allowed < needed else Status.OK,
        f"{allowed} are allowed, collecting takes up to {needed}",
        f"raise the limit: `ulimit -n {needed}`, or LimitNOFILE of the service",
    )


def _of_machine(check: str, status: Status, found: str, remedy: str | None = None) -> Finding:
    return Finding(
        place=Place.MACHINE,
        subject="machine",
        check=check,
        status=status,
        found=found,
        remedy=None if status is Status.OK else remedy,
    )
