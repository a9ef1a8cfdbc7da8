"""The driver's access report: every reading that concerns the driver, in any spelling, and no other."""

from datetime import date, timedelta

from reports.lookup import present
from schemas.identity import number_of
from store.officers import create_officer
from tests.reports.conftest import Roadside
from tests.reports.roadside.test_declarations import fleet, get, keep, numbered
from tests.store.lake_builder import Version


async def test_a_driver_is_told_who_read_what_about_them(roadside: Roadside) -> None:
    today = present()
    mine = Version(
        fleet("PO 1AB23"),
        declaration_id=await numbered(roadside),
        start=today.date(),
        end=today.date(),
        accepted_at=today - timedelta(days=1),
    )
    other = Version(fleet("WA 99"), last_name="Kowalska", licence_number="X9", start=today.date(), end=today.date())
    await keep(roadside, mine, other)
    await roadside.ask("РО 1АВ 23", purpose="A6")  # in Cyrillic
    await roadside.ask("WA 99")
    await get(roadside, f"/declarations/{number_of(mine.declaration_id).lower().replace('-', ' ')}")
    await get(roadside, f"/declarations/{other.declaration_id}")
    await get(roadside, "/drivers/declarations", licence="00123 04 1234")
    await get(roadside, "/drivers/declarations", name="nowak JAN", born=date(1984, 5, 6))
    await get(roadside, "/drivers/declarations", name="Ewa Nowak", born=date(1984, 5, 6))
    async with roadside.pool.acquire() as connection:
        auditor = await create_officer(connection, "Auditor", "FR", role="auditor")
        foreign = await create_officer(connection, "Auditor", "DE", role="auditor")
    asked = {"licence": "00123/04/1234", "name": "Jan Nowak", "born": "1984-05-06"}
    said = []
    for token in (auditor.token, foreign.token):
        headers = {"authorization": f"Bearer {token}"}
        said.append((await roadside.client.get("/drivers/accesses", params=asked, headers=headers)).json())
    report, elsewhere = said
    assert report["declarations"] == 1
    found = [(one["kind"], one["verdict"]) for one in report["accesses"]]
    assert [kind for kind, _ in found] == ["plate", "declaration", "driver", "driver"]
    assert report["accesses"][0]["purpose"] == "A6"
    assert elsewhere["accesses"] == []
    await get(roadside, "/drivers/accesses", 403, licence="00123/04/1234")
