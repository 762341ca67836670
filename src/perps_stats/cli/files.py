"""An answer as a file: text, a workbook or parquet. Numbers are exact text in all of them."""

from pathlib import Path

import msgspec

from perps_stats.cli import VERSION
from perps_stats.cli.output import FILES, Printed, Value, cell, to_text
from perps_stats.database.files.forms import XLSX, require_room
from perps_stats.database.files.place import placed, writing_to


def write_file(printed: Printed, path: Path, form: str) -> None:
    """Raises ``BadInput`` for more than a sheet holds, ``Unwritable``."""
    require_room(path, f".{form}", len(printed.records))
    with placed(path) as part, writing_to(path):
        if form not in FILES:
            part.write_text(to_text(printed, form), encoding="utf-8")
        elif f".{form}" == XLSX:
            _write_sheet(printed, part)
        else:
            _write_parquet(printed, part)


def _write_sheet(printed: Printed, path: Path) -> None:
    from perps_stats.database.files.sheet import workbook  # noqa: PLC0415  an extra

    simulated = [f"simulated data: {', '.join(printed.simulated)}"] if printed.simulated else []
    with workbook(path, printed.fields, printed.units, [*simulated, *printed.notes]) as append:
        for record in printed.records:
            values = [record.get(name) for name in printed.fields]
            append([None if value is None else cell(value) for value in values])


def _write_parquet(printed: Printed, path: Path) -> None:
    from perps_stats.database.files.parquet import write_columns  # noqa: PLC0415  an extra

    columns = {
        name: _alike([record.get(name) for record in printed.records]) for name in printed.fields
    }
    about = {"version": VERSION, "simulated": printed.simulated, "notes": printed.notes}
    write_columns(path, columns, printed.units, msgspec.json.encode(about))


def _alike(values: list[Value]) -> list[Value]:
    """Of one type; as text where they are of several."""
    if len({type(value) for value in values if value is not None}) <= 1:
        return values
    return [None if value is None else cell(value) for value in values]
