"""The built page is part of the package."""

import subprocess
import sys
from pathlib import Path

import pytest

from perps_stats.api.page import read_page

BUILT = Path("src/perps_stats/page/index.html")


def test_the_package_contains_the_page(tmp_path: Path) -> None:
    """What is built for a wheel has every file that is served, and its compressed forms."""
    if not BUILT.exists():
        pytest.skip("the page is not built: make page")
    command = [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    packed = tmp_path / "perps_stats" / "page"
    known = read_page.__wrapped__()
    for name, file in known.items():
        assert (packed / name).read_bytes() == file.bodies["identity"]
    scripts = [name for name in known if name.endswith(".js")]
    assert scripts
    assert all((packed / f"{name}.br").exists() for name in scripts)
