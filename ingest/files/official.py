"""The official vehicle template of RTPD (June 2026): the real file, filled with vehicles (domain.md 3.4).

Its rows carry shared formulas for the weight; a row that is filled has values in their place, and the others have
the formula of their own, because a shared one dies with its first row. Excel makes the chain of formulas anew.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from importlib.resources import files
from xml.sax.saxutils import escape

#: The columns of the template, and the vehicle's fields that they hold.
COLUMNS = {
    "vehicle.registrationCountry": "registrationCountry",
    "vehicle.carriageType": "transportType",
    "vehicle.weightType": "vehicleWeight",
    "vehicle.plateNumber": "plateNumber",
}
NO_WEIGHT = "N/A"
_TEMPLATE = files("schemas") / "data" / "rtpd-vehicle-template.xlsx"
_SHEET = "xl/worksheets/sheet2.xml"
_CHAIN = "xl/calcChain.xml"
_NAMES_CHAIN = re.compile(rb"<(?:Override|Relationship)[^>]*calcChain[^>]*/>")
_ROWS = re.compile(r'<row r="(\d+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)
_LAST_ROW = 5001


def official_template(vehicles: Sequence[tuple[str, str, str, str]] = ()) -> bytes:
    """Gives the template with vehicles: country of registration, carriage, weight (empty for passengers), plate.

    Without vehicles it is the file as it was published.
    """
    published = _TEMPLATE.read_bytes()
    if not vehicles:
        return published
    filled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(published)) as template,
        zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for part in template.infolist():
            if part.filename == _CHAIN:
                continue
            data = template.read(part)
            if part.filename == _SHEET:
                data = _fill(data.decode(), vehicles).encode()
            elif part.filename in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
                data = _NAMES_CHAIN.sub(b"", data)
            written.writestr(part.filename, data)
    return filled.getvalue()


def _fill(sheet: str, vehicles: Sequence[tuple[str, str, str, str]]) -> str:
    def row(found: re.Match[str]) -> str:
        number = int(found[1])
        if number == 1:
            return found[0]
        if number - 2 < len(vehicles):
            return _row(number, vehicles[number - 2])
        return f'<row r="{number}"><c r="C{number}" t="str">{_formula(number)}<v/></c></row>'

    filled = _ROWS.sub(row, sheet)
    further = "".join(_row(number, one) for number, one in enumerate(vehicles[_LAST_ROW - 1 :], _LAST_ROW + 1))
    last = max(_LAST_ROW, len(vehicles) + 1)
    return filled.replace("</sheetData>", f"{further}</sheetData>").replace("A1:D5001", f"A1:D{last}", 1)


def _row(number: int, vehicle: tuple[str, str, str, str]) -> str:
    country, carriage, weight, plate = vehicle
    cells = zip("ABCD", (country, carriage, weight or NO_WEIGHT, plate), strict=True)
    inside = "".join(
        f'<c r="{column}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
        for column, text in cells
    )
    return f'<row r="{number}">{inside}</row>'


def _formula(number: int) -> str:
    return f'<f>IF(B{number}="CARRIAGE_OF_PASSENGERS", "N/A", "")</f>'
