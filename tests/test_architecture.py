"""The architecture is enforced: a wrong import is found, by name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ADAPTER = Path("src/perps_stats/exchanges/binance/rest.py")
STRANGERS = "Exchanges are strangers to each other"
NOT_READ = shutil.ignore_patterns("*.so", "*.c", "__pycache__")
"""What other tests import is compiled meanwhile, under names that come and go."""
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture(name="copy")
def a_copy(tmp_path: Path) -> Path:
    """The sources and the contracts, free to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=NOT_READ)
    return tmp_path


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=project,
        env={"PYTHONPATH": str(project / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize(
    ("line", "contract"),
    [
        ("import asyncio", "What decides does no I/O BROKEN"),
        ("import aiohttp", "What decides does no I/O BROKEN"),
        ("import perps_stats.feed.book", "The layers of DESIGN BROKEN"),
        ("import perps_stats.exchanges.paradex.rest", f"{STRANGERS} BROKEN"),
        ("", "4 kept, 0 broken"),
    ],
)
def test_a_wrong_import_of_an_adapter_is_found(copy: Path, line: str, contract: str) -> None:
    """An adapter does no I/O, knows nothing above it and no other exchange; as it is, all contracts
    are kept.
    """
    adapter = copy / ADAPTER
    adapter.write_text(f"{adapter.read_text()}\n{line}\n")
    result = lint(copy)
    assert contract in result.stdout
    assert result.returncode == (1 if line else 0)
