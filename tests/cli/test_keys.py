"""``keys``, and what a service does with them: as processes."""

import json
import re
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from tests.cli.own_server import free_port
from tests.cli.program import SECONDS, Ended, Program, stop

KEY = re.compile(r"ps_([0-9a-f]{10})_([0-9a-f]{64})\n")
EVERYWHERE = "0.0.0.0"  # noqa: S104  it is listened on for a moment, and needs a key


class Service:
    """``serve`` of the program, on an address that others reach."""

    def __init__(self, program: Program, *words: str) -> None:
        self.port = free_port()
        self.process = program.start("serve", "--port", str(self.port), *words)

    def ask(self, path: str, key: str | None = None) -> int:
        """The status; 0 where nobody answers."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  ours
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, ConnectionError, TimeoutError):
            return 0

    def wait(self, path: str, key: str | None, status: int) -> None:
        """Until it answers so."""
        last = time.monotonic() + SECONDS
        while (answered := self.ask(path, key)) != status:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < last, answered
            time.sleep(0.05)


@pytest.fixture
def stored(program: Program, url: str) -> Program:
    """The program, on a fresh database."""
    program.environ["DATABASE_URL"] = url
    return program


@contextmanager
def serving(program: Program, *words: str) -> Generator[Service]:
    service = Service(program, *words)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            stop(service.process, signal.SIGTERM)


def new_key(done: Ended) -> tuple[str, str]:
    """The whole key, which stands on stdout alone, and its id."""
    match = KEY.fullmatch(done.out)
    assert match is not None, done
    assert done.code == 0
    assert "shown this once" in done.err
    return done.out.strip(), match[1]


def listed(program: Program) -> dict[str, dict[str, object]]:
    done = program("keys", "list", "--json")
    assert done.code == 0, done.err
    return {row["id"]: row for row in json.loads(done.out)["data"]}


def test_a_public_address_and_a_life_of_keys(stored: Program) -> None:
    """Without a key it is not served; with one only by it; what is revoked, rotated or made counts
    soon, and nothing that is told afterwards has a secret in it.
    """
    refused = stored("serve", "--host", EVERYWHERE, "--port", str(free_port()))
    assert (refused.code, refused.out) == (3, "")
    assert "`perps-stats keys create`" in refused.err.splitlines()[-1]
    key, number = new_key(stored("keys", "create", "--scope", "read,stream", "--name", "a b"))
    with serving(stored, "--host", EVERYWHERE) as service:
        service.wait("/api/v1/trades", key, 200)
        assert [service.ask("/api/v1/trades"), service.ask("/readyz")] == [401, 200]
        second, other = new_key(stored("keys", "rotate", number, "--keep", "1h"))
        service.wait("/api/v1/trades", second, 200)
        assert service.ask("/api/v1/trades", key) == 200
        assert stored("keys", "revoke", number).out == f"revoked {number}\n"
        service.wait("/api/v1/trades", key, 401)
        assert service.ask("/api/v1/trades", second) == 200
        ended = stop(service.process, signal.SIGTERM)
    rows = listed(stored)
    assert {row["state"] for row in rows.values()} == {"valid", "revoked"}
    assert (rows[other]["name"], rows[other]["scopes"]) == ("a b", ["read", "stream"])
    for secret in (key.rpartition("_")[2], second.rpartition("_")[2]):
        assert secret not in ended.err + json.dumps(rows)


def test_on_loopback_keys_are_needed_once_there_is_one(stored: Program) -> None:
    """And no longer when the last one is forgotten; revoking it does not open the door."""
    with serving(stored) as service:
        service.wait("/api/v1/trades", None, 200)
        key, number = new_key(stored("keys", "create", "--expires", "never"))
        service.wait("/api/v1/trades", None, 401)
        assert [service.ask("/api/v1/trades", key), service.ask("/metrics")] == [200, 200]
        assert stored("keys", "revoke", number).code == 0
        service.wait("/api/v1/trades", key, 401)
        assert service.ask("/api/v1/trades") == 401
        kept = stored("keys", "delete", number)
        assert (kept.code, "--yes" in kept.err) == (2, True)
        assert stored("keys", "delete", number, "--yes").out == f"deleted {number}\n"
        service.wait("/api/v1/trades", None, 200)


def test_what_a_key_is_made_with(stored: Program) -> None:
    """What it opens, and until when: by default to read, for 90 days."""
    made = json.loads(stored("keys", "create", "--json").out)["data"][0]
    assert (made["scopes"], made["name"], made["state"]) == (["read"], None, "valid")
    created, expires = (datetime.fromisoformat(made[name]) for name in ("created_at", "expires_at"))
    assert expires - created == timedelta(days=90)
    text, number = new_key(stored("keys", "create", "--expires", "12h"))
    span = json.loads(stored("keys", "rotate", number, "--json").out)["data"][0]
    assert span["key"] != text
    begin, end = (datetime.fromisoformat(span[name]) for name in ("created_at", "expires_at"))
    assert end - begin == timedelta(hours=12)


def test_what_no_key_can_be_made_of(stored: Program) -> None:
    """One line with the remedy, and exit code 2."""
    for words, told in (
        (["create", "--scope", "write"], "scope: 'write' is not accepted; use read, stream"),
        (["create", "--expires", "2020-01-01"], "it is to be in the future"),
        (["create", "--expires", "soon"], "expires: 'soon' is not accepted"),
        (["create", "--name", "a\nb"], "use a text of at most 100 characters"),
        (["revoke", "nobody"], "id: 'nobody' is not accepted; see `perps-stats keys list`"),
        (["rotate", "nobody"], "id: 'nobody'"),
        (["rotate", "nobody", "--keep", "x"], "keep: 'x' is not accepted"),
        (["delete", "nobody", "--yes"], "id: 'nobody'"),
    ):
        done = stored("keys", *words)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
        assert told in done.err


def test_a_key_of_a_file(stored: Program, tmp_path: Path) -> None:
    """As containers are handed it: nothing is in the database, and a public address is served."""
    key = f"ps_fromfile_{'5' * 64}"
    (tmp_path / "keys").write_text(f"{key}\n")
    stored.environ["PERPS_STATS__API__KEYS_FILE"] = str(tmp_path / "keys")
    with serving(stored, "--host", EVERYWHERE) as service:
        service.wait("/api/v1/trades", key, 200)
        assert service.ask("/api/v1/trades") == 401
