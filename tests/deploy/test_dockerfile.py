"""The image: what it is made of, who runs in it, and how it is known to be well.

No engine builds it here. The steps of its first stage were run by hand, and its processes as the
same user on a read-only file system: docs/deploy.md tells.
"""

import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from .words import accepted

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY\b", re.IGNORECASE)


def instructions() -> list[tuple[str, str]]:
    """Each instruction and what stands behind it, comments left out, lines joined."""
    text = re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def final() -> list[tuple[str, str]]:
    """The stage that becomes the image."""
    whole = instructions()
    last = max(place for place, (word, _) in enumerate(whole) if word == "FROM")
    return whole[last:]


def words_of(instruction: str) -> list[str]:
    (value,) = [value for word, value in final() if word == instruction]
    return msgspec.json.decode(value, type=list[str])


def test_nobody_is_root() -> None:
    """A number: so that who starts it can see that it is none."""
    assert [value for word, value in final() if word == "USER"] == ["10001:10001"]


def test_images_have_a_version() -> None:
    """None is what `latest` happens to be, and nothing comes from another stage than the first."""
    for word, value in instructions():
        if word == "FROM":
            assert re.match(r"python:3\.11-slim-bookworm( AS build)?$", value)
        if word == "COPY" and "--from" in value:
            assert value.startswith("--from=build ")


def test_what_is_installed_is_pinned() -> None:
    """By hashes; the wheel of the program itself brings nothing along."""
    found = re.findall(r"pip (?:install|wheel) [^&\n]*", TEXT)
    assert len(found) == 4
    for command in found:
        assert "--require-hashes" in command or "--no-deps" in command
    assert "--no-build-isolation" in TEXT


def test_what_is_copied_is_there() -> None:
    """And is not left out of the context."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line.removeprefix("!") for line in lines if line.startswith("!")]
    copied = [
        source
        for word, value in instructions()
        if word == "COPY" and "--from" not in value
        for source in value.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source.rstrip("/"), pattern) for pattern in let_in), source


def test_nothing_secret_is_in_it() -> None:
    """Neither as a variable nor as a file that is copied."""
    for word, value in instructions():
        if word in {"ENV", "ARG", "COPY"}:
            assert not SECRET.search(value), value


def test_it_writes_to_volumes_alone() -> None:
    """Its state has one place, which is a volume and its own; bytecode is written nowhere."""
    environment = " ".join(value for word, value in final() if word == "ENV")
    assert "PERPS_STATS__DATABASE__DIR=/var/lib/perps-stats" in environment
    assert "PYTHONDONTWRITEBYTECODE=1" in environment
    assert ("VOLUME", "/var/lib/perps-stats") in final()


def test_the_command_line_is_ours() -> None:
    """What the image does by itself is something that the program does."""
    assert words_of("ENTRYPOINT") == ["perps-stats"]
    assert accepted(words_of("CMD")).info_name == "run"


@contextmanager
def answering(status: int) -> Generator[int]:
    """The port of a server that gives every question one answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (503, False)])
def test_health_is_what_readyz_says(status: int, is_well: bool) -> None:  # noqa: FBT001
    """The words of the health check, at another port, and with more time."""
    (check,) = [value for word, value in final() if word == "HEALTHCHECK"]
    _, code = re.split(r"\bCMD\b", check)
    python, *words = msgspec.json.decode(code, type=list[str])
    assert python == "python"
    with answering(status) as port:
        at = [word.replace(":8080/", f":{port}/").replace("=4)", "=60)") for word in words]
        done = subprocess.run([sys.executable, *at], check=False, capture_output=True)
    assert (done.returncode == 0) == is_well
