"""The desk over HTTP: everything that a desk officer's programs call, on the real application."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from reports.app import Options, create_app
from store import officers
from store.lake import create_lake
from tests.exchange.conftest import World, world  # noqa: F401  (a fixture)
from tests.exchange.test_uploads import PDF
from tests.reports.conftest import living

PART = "application/offset+octet-stream"


@dataclass
class Clerk:
    """An officer who calls the application."""

    client: AsyncClient
    token: str

    async def call(self, method: str, path: str, expected: int = 200, **said: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} | said.pop("headers", {})
        answer = await self.client.request(method, path, headers=headers, **said)
        assert answer.status_code == expected, answer.text
        if answer.content and answer.headers.get("content-type", "").endswith("json"):
            return answer.json()
        return answer

    async def get(self, path: str, expected: int = 200, **said: Any) -> Any:
        return await self.call("GET", path, expected, **said)

    async def post(self, path: str, expected: int = 200, **said: Any) -> Any:
        return await self.call("POST", path, expected, **said)


@dataclass
class Office:
    """The application with a database, before which officers of several states sit."""

    client: AsyncClient
    world: World

    async def clerk(self, authority: str, role: officers.Role = "desk") -> Clerk:
        async with self.world.pool.acquire() as connection:
            made = await officers.create_officer(
                connection, f"Clerk of {authority}", authority[:2], role=role, authority=authority
            )
        return Clerk(self.client, made.token)


@pytest.fixture
async def office(world: World, database_url: str, lake: str, documents: str) -> AsyncIterator[Office]:  # noqa: F811
    await create_lake(database_url, lake)
    app = create_app(Options(database_url, lake, held_rows=1_000, memory_mb=100, threads=1, documents=documents))
    transport = ASGITransport(app)
    async with living(app), AsyncClient(transport=transport, base_url="http://reports") as client:
        yield Office(client, world)


@pytest.fixture
def documents(tmp_path) -> str:
    folder = tmp_path / "documents"
    folder.mkdir()
    return str(folder)


def asked(world: World, **changes: Any) -> dict[str, Any]:  # noqa: F811
    content = {
        "authority": "PL-GIP",
        "subject": {"declarations": [str(world.declarations[0])]},
        "questions": [{"code": "P003"}, {"code": "P006", "more": {"text": "Seit wann genau?", "language": "de"}}],
    }
    return {"procedure": "mutual_assistance", "module": "posting", "move": "send", "content": content | changes}


async def test_an_authority_is_found_in_ones_own_language(office: Office):
    dupont = await office.clerk("FR-DGT")
    found = await dupont.get("/authorities", params={"q": "inspection du travail Varsovie", "language": "fr"})
    assert found["items"][0]["countryName"] == "Pologne"
    one = await dupont.get("/authorities/PL-GIP", headers={"accept-language": "pl"})
    assert one["name"] == "Państwowa Inspekcja Pracy – Główny Inspektorat Pracy"
    await dupont.get("/authorities/PL-NOBODY", 404)


async def test_an_exchange_from_the_question_to_the_evaluation(office: Office):
    dupont, pole = await office.clerk("FR-DGT"), await office.clerk("PL-GIP")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world), params={"language": "en"})
    assert sent["state"] == {"code": "SENT", "text": "Sent, awaiting acceptance"}
    assert sent["dates"]["legal"] > sent["dates"]["system"]
    assert sent["ballSide"]["authority"] == "PL-GIP"
    path = f"/exchanges/{sent['number']}"
    (line,) = (await pole.get("/exchanges", params={"direction": "received", "ball": "ours"}))["items"]
    assert line["number"] == sent["number"]
    seen = await pole.get(path, params={"language": "pl"})
    assert {one["code"] for one in seen["moves"]} >= {"accept", "forward", "refuse"}
    assert seen["questions"][1]["more"] == {"text": "Seit wann genau?", "language": "de"}
    await pole.post(f"{path}/moves", json={"move": "accept"})
    answers = [
        {"code": "P003", "choice": "yes"},
        {"code": "P006", "words": {"text": "Prawo polskie, od 2020 r.", "language": "pl"}},
    ]
    await pole.post(f"{path}/moves", json={"move": "answer", "content": {"answers": answers}})
    await dupont.post(f"{path}/moves", json={"move": "close"})
    rating = {"timeliness": "very_satisfied", "effort": "satisfied"}
    rated = await dupont.post(f"{path}/moves", json={"move": "evaluate", "content": rating})
    assert rated["timeliness"]["code"] == "very_satisfied"
    moves = (await pole.get(f"{path}/history"))["items"]
    assert [one["move"]["code"] for one in moves] == ["send", "accept", "answer", "close", "evaluate"]
    texts = (await dupont.get(f"{path}/translations", params={"language": "fr"}))["items"]
    assert [one["state"] for event in texts for one in event["texts"]] == ["not_configured", "not_configured"]


async def test_refusals_are_problem_documents_with_code_and_pointer(office: Office):
    dupont, lithuanian = await office.clerk("FR-DGT"), await office.clerk("LT-VDI")
    wrong = await dupont.post("/exchanges", 422, json=asked(office.world, questions=[{"code": "P999"}]))
    assert (wrong["code"], wrong["problems"][0]["pointer"]) == ("not_one_of", "/content/questions/0/code")
    malformed = await dupont.post("/exchanges", 422, json=asked(office.world, question=[]))
    assert malformed["problems"][0]["code"] == "unknown_field"
    assert (await dupont.post("/exchanges", 422, content=b"[]"))["code"] == "content_refused"
    sent = await dupont.post("/exchanges", 201, json=asked(office.world))
    await lithuanian.get(f"/exchanges/{sent['number']}", 404)
    await lithuanian.get("/exchanges/nonsense", 404)
    refused = await dupont.post(f"/exchanges/{sent['number']}/moves", 403, json={"move": "accept"})
    assert refused["code"] == "move_not_yours"
    assert (await office.client.get("/exchanges")).status_code == 401
    assert (await dupont.get("/exchanges", 400, params={"limit": "x"}))["code"] == "parameter_wrong"
    assert (await dupont.get("/exchanges", 400, params={"language": "tlh"}))["code"] == "parameter_wrong"


async def test_every_reading_is_logged_within_its_state(office: Office):
    dupont = await office.clerk("FR-DGT")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world))
    await dupont.get(f"/exchanges/{sent['number']}", headers={"x-purpose": "case 12/2026"})
    await dupont.get("/exchanges")
    rows = await office.world.pool.fetch("SELECT kind, host, sought, purpose FROM lookup_log ORDER BY lookup_id")
    assert [(row["kind"], row["host"]) for row in rows] == [("exchange", "FR"), ("exchanges", "FR")]
    assert (rows[0]["sought"], rows[0]["purpose"]) == (sent["number"], "case 12/2026")


async def test_declarations_are_read_by_both_states_until_the_end(office: Office):
    dupont, pole = await office.clerk("FR-DGT"), await office.clerk("PL-GIP")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world))
    path = f"/exchanges/{sent['number']}"
    (found,) = (await pole.get(f"{path}/declarations"))["items"]
    assert found["declarationId"] == str(office.world.declarations[0])
    assert (found["driverLatinLastName"], found["declarationPostingCountry"]) == ("Nowak", "FR")
    await dupont.post(f"{path}/moves", json={"move": "withdraw"})
    await pole.get(f"{path}/declarations", 404)
    assert len((await dupont.get(f"{path}/declarations"))["items"]) == 1


async def test_a_file_is_sent_in_parts_and_read_as_an_attachment(office: Office):
    dupont, pole = await office.clerk("FR-DGT"), await office.clerk("PL-GIP")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world, documentTypes=["remuneration"]))
    path = f"/exchanges/{sent['number']}"
    await pole.post(f"{path}/moves", json={"move": "accept"})
    new = {"documentType": "remuneration", "fileName": "płace.pdf", "size": len(PDF)}
    upload = await pole.post(f"{path}/uploads", 201, json=new)
    file = f"/uploads/{upload['uploadId']}"
    part = {"content-type": PART, "upload-offset": "0"}
    await pole.call("PATCH", file, content=PDF[:1000], headers=part)
    wrong = await office.client.patch(file, content=PDF, headers=part | {"authorization": f"Bearer {pole.token}"})
    assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, "1000")
    assert (await pole.call("HEAD", file)).headers["upload-offset"] == "1000"
    kept = await pole.call("PATCH", file, content=PDF[1000:], headers=part | {"upload-offset": "1000"})
    assert kept["state"] == "kept"
    await dupont.get(f"{file}/content", 404)
    answers = [{"code": "P003", "choice": "yes"}, {"code": "P006", "words": {"text": "Polskie", "language": "pl"}}]
    await pole.post(f"{path}/moves", json={"move": "answer", "content": {"answers": answers}})
    content = await dupont.get(f"{file}/content")
    assert content.content == PDF
    assert content.headers["content-disposition"].startswith('attachment; filename="p_ace.pdf"')
    assert content.headers["content-security-policy"].startswith("sandbox")
    assert (await dupont.get(f"{path}/uploads"))["items"][0]["digest"] == kept["digest"]


async def test_a_file_of_many_megabytes_comes_in_one_part(office: Office):
    pole = await office.clerk("PL-GIP")
    sent = await (await office.clerk("FR-DGT")).post("/exchanges", 201, json=asked(office.world))
    large = PDF + b"x" * (12 << 20)
    new = {"documentType": "remuneration", "fileName": "a.pdf", "size": len(large)}
    announced = await pole.post(f"/exchanges/{sent['number']}/uploads", 201, json=new)
    part = {"content-type": PART, "upload-offset": "0"}
    kept = await pole.call("PATCH", f"/uploads/{announced['uploadId']}", content=large, headers=part)
    assert kept["state"] == "kept"


async def test_four_eyes_are_switched_on_by_the_administrator(office: Office):
    administrator, first, second = [await office.clerk("FR-DGT", role) for role in ("administrator", "desk", "desk")]
    await first.call("PATCH", "/authorities/FR-DGT", 403, json={"fourEyes": True})
    await administrator.call("PATCH", "/authorities/FR-DGT", json={"fourEyes": True})
    held = await first.post("/exchanges", 201, json=asked(office.world))
    assert (held["state"]["code"], held["held"]["code"]) == ("DRAFT", "send")
    path = f"/exchanges/{held['number']}"
    assert (await first.post(f"{path}/release", 403))["code"] == "four_eyes_needed"
    assert (await second.post(f"{path}/release"))["state"]["code"] == "SENT"
    await second.call("DELETE", f"{path}/held", 409)


async def test_notes_and_templates_stay_inside_the_authority(office: Office):
    dupont, pole = await office.clerk("FR-DGT"), await office.clerk("PL-GIP")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world))
    path = f"/exchanges/{sent['number']}"
    await dupont.post(f"{path}/notes", 201, json={"text": "Rappeler lundi."})
    assert [one["text"] for one in (await dupont.get(f"{path}/notes"))["items"]] == ["Rappeler lundi."]
    assert (await pole.get(f"{path}/notes"))["items"] == []
    template = {
        "name": "Standard",
        "procedure": "mutual_assistance",
        "module": "posting",
        "move": "send",
        "content": {"questions": [{"code": "P003"}]},
    }
    kept = await dupont.post("/templates", 201, json=template)
    (shown,) = (await dupont.get("/templates", params={"module": "posting"}))["items"]
    assert shown["content"] == template["content"]
    assert (await pole.get("/templates"))["items"] == []
    await pole.call("DELETE", f"/templates/{kept['templateId']}", 404)
    await dupont.call("DELETE", f"/templates/{kept['templateId']}", 204)


async def test_notices_and_subscriptions(office: Office):
    dupont, pole = await office.clerk("FR-DGT"), await office.clerk("PL-GIP")
    sent = await dupont.post("/exchanges", 201, json=asked(office.world))
    subscribed = await dupont.call("PUT", "/subscriptions", json={"exchange": sent["exchangeId"], "email": False})
    assert subscribed["items"][0]["number"] == sent["number"]
    told = await pole.get("/notices", params={"unread": "true", "language": "en"})
    assert told["items"][0]["subject"] == f"Mutual assistance {sent['number']}: Sent, awaiting acceptance"
    marked = await pole.post("/notices/read", json={"notices": [told["items"][0]["noticeId"]]})
    assert marked == {"marked": 1}
    assert (await pole.get("/notices", params={"unread": "true"}))["items"] == []
    await pole.post(f"/exchanges/{sent['number']}/moves", json={"move": "accept"})
    assert len((await dupont.get("/notices"))["items"]) == 2  # the authority's and the subscriber's own
    ended = await dupont.call("DELETE", "/subscriptions", params={"exchange": sent["exchangeId"]})
    assert ended["items"] == []


async def test_alerts(office: Office):
    pole, german = await office.clerk("PL-GITD"), await office.clerk("DE-BALM")
    new = {"kind": "alert", "category": "licence_withdrawn", "fields": {"operator_name": "Spedycja Test"}}
    sent = await pole.post("/alerts", 201, json=new)
    (seen,) = (await german.get("/alerts", params={"unacknowledged": "true", "direction": "received"}))["items"]
    assert (seen["alertId"], seen["toAcknowledge"]) == (sent["alertId"], True)
    await german.post(f"/alerts/{sent['alertId']}/acknowledge")
    assert (await german.get(f"/alerts/{sent['alertId']}"))["toAcknowledge"] is False
    reason = {"words": {"text": "Uchylono.", "language": "pl"}}
    assert "withdrawnAt" in await pole.post(f"/alerts/{sent['alertId']}/withdraw", json=reason)


async def test_the_catalogue_is_in_the_readers_language(office: Office):
    dupont = await office.clerk("FR-DGT")
    said = await dupont.get("/exchanges/catalogue", params={"language": "en"})
    assert [module["code"] for module in said["modules"]] == ["establishment", "posting", "social_rules"]
    assert said["deadlines"][0]["source"] == "Directive (EU) 2020/1057, Article 1(11)(c)"


async def test_a_translation_that_was_not_ordered_is_not_taken(office: Office):
    answer = await office.client.post(
        "/translations/0190a6f2-7c1e-4d3a-9b54-000000000001", content=b"translated-text=x"
    )
    assert answer.status_code == 404
