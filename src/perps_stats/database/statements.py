"""The statements that run every time: one a file in ``queries/``, named after its question."""

from functools import cache
from importlib.resources import files

QUERIES = files("perps_stats.database") / "queries"


@cache
def statement(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def statement_names() -> list[str]:
    names = (path.name for path in QUERIES.iterdir())
    return sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql"))
