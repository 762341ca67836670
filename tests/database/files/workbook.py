"""A workbook, read by its standard: zipped XML. Expects texts that stand in their cells."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

NAMES = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(path: Path) -> dict[str, list[dict[str, str]]]:
    """Of each sheet, of each row, the texts by column letter."""
    with ZipFile(path) as book:
        listed = ET.fromstring(book.read("xl/workbook.xml")).findall(".//x:sheet", NAMES)  # noqa: S314  ours
        return {
            sheet.attrib["name"]: _rows(book.read(f"xl/worksheets/sheet{number}.xml"))
            for number, sheet in enumerate(listed, 1)
        }


def _rows(text: bytes) -> list[dict[str, str]]:
    rows = ET.fromstring(text).findall(".//x:row", NAMES)  # noqa: S314  ours
    return [{_letter(cell): _text(cell) for cell in row} for row in rows]


def _letter(cell: ET.Element) -> str:
    return re.sub(r"\d", "", cell.attrib["r"])


def _text(cell: ET.Element) -> str:
    assert cell.attrib["t"] == "inlineStr"
    return "".join(part.text or "" for part in cell.iterfind(".//x:t", NAMES))
