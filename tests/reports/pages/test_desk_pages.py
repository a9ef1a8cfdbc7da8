"""The desk's pages over HTTP: an officer's day with forms alone, without a script."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from httpx import AsyncClient

from exchange.record import Words
from schemas.identity import number_of
from store import officers
from store.officers import create_officer
from tests.exchange.conftest import world
from tests.exchange.test_uploads import PDF
from tests.reports.test_desk import Office, documents, office

__all__ = ["documents", "office", "world"]


@pytest.fixture
def desks(office: Office) -> Office:
    return office


@dataclass
class Desk:
    """An officer in a browser: keeps the cookie, fills in forms that came with a page."""

    client: AsyncClient
    page: str = ""

    async def go(self, path: str, expected: int = 200, language: str = "en") -> str:
        answer = await self.client.get(path, headers={"accept-language": language})
        assert answer.status_code == expected, answer.text
        self.page = unescape(answer.text)
        return self.page

    async def send(self, path: str, files: Any = None, expected: int = 303, **form: Any) -> str:
        said = {name.replace("__", "."): value for name, value in form.items()}
        said["_csrf_token"] = self.page.partition('name="_csrf_token" value="')[2].partition('"')[0]
        answer = await self.client.post(path, data=said, files=files)
        assert answer.status_code == expected, answer.text
        if expected == 303:
            return str(answer.headers["location"])
        self.page = unescape(answer.text)
        return self.page


async def seated(desks: Office, authority: str, role: officers.Role = "desk", language: str | None = None) -> Desk:
    """An officer who has signed in, in a browser of the officer's own."""
    async with desks.world.pool.acquire() as connection:
        made = await create_officer(
            connection, f"Clerk of {authority}", authority[:2], role=role, authority=authority, language=language
        )
    desk = Desk(AsyncClient(transport=desks.client._transport, base_url="http://reports"))
    await desk.go("/sign-in")
    assert await desk.send("/sign-in", token=made.token) == "/roadside"
    return desk


def moves(page: str) -> list[str]:
    return re.findall(r'/do/([a-z_]+)"', page)


async def test_mutual_assistance_from_the_question_to_the_evaluation_with_forms_alone(desks: Office) -> None:
    dupont, pole = await seated(desks, "FR-DGT"), await seated(desks, "PL-GIP", language="pl")
    await dupont.go("/desk/new")
    number = number_of(desks.world.declarations[0])
    await dupont.go(f"/desk/new?kind=mutual_assistance.posting&declarations={number}")
    assert 'value="Spedycja Test"' in dupont.page  # what the declaration says stands in the form
    asked = {"kind": "mutual_assistance.posting", "authority": "PL-GIP", "declarations": number, "language": "fr"}
    wrong = await dupont.send("/desk/new", expected=422, **asked, action="send")
    assert 'role="alert"' in wrong
    there = await dupont.send(
        "/desk/new",
        **asked,
        questions=["P003", "P010"],
        more__P010="Pour le mois de mai.",
        text="Merci.",
        action="send",
    )
    path = there.partition("?")[0]
    seen = await dupont.go(there)
    assert "With them" in await dupont.go("/desk")
    assert moves(seen) == ["propose_date", "withdraw"]
    assert "25 working days" in seen
    assert "25 calendar days" in seen
    assert seen.count('class="track ') == 1
    polish = await pole.go(path, language="pl")
    assert set(moves(polish)) == {"accept", "propose_date", "forward", "refuse"}
    assert '<p lang="fr" class="words-text">Pour le mois de mai.</p>' in polish
    assert await pole.send(f"{path}/do/accept", action="make")
    await pole.go(f"{path}/do/answer")
    answers = {"choice__P003": "yes", "choice__P010": "no", "words__P010": "Zapłacono część.", "language": "pl"}
    refused = await pole.send(f"{path}/do/answer", expected=422, choice__P003="yes", action="make")
    assert "Was the remuneration for the period of posting paid in full?" in refused
    await pole.send(f"{path}/do/answer", **answers, action="make")
    assert "Answer: <strong>Yes</strong>" in await dupont.go(path)
    await dupont.send(f"{path}/do/close", action="make")
    await dupont.send(f"{path}/do/evaluate", timeliness="satisfied", effort="very_satisfied", action="make")
    done = await dupont.go(path)
    assert "Evaluated: Satisfied; Very satisfied" in done
    assert done.count("timeline-title") == 5
    assert moves(done) == []


async def test_a_request_to_an_operator_begins_with_a_declaration_and_takes_its_files(desks: Office) -> None:
    dupont, world_ = await seated(desks, "FR-DGT"), desks.world
    number = number_of(world_.declarations[1])
    await dupont.go(f"/desk/new?kind=document_request.posting&declarations={number}")
    asked = {"kind": "document_request.posting", "declarations": number, "document_types": ["remuneration"]}
    drafted = (await dupont.send("/desk/new", **asked, action="draft")).partition("?")[0]
    assert "Draft" in await dupont.go(drafted)
    note = {"file": ("note.pdf", PDF, "application/pdf")}
    await dupont.send(drafted, files=note, document="attachment", action="upload")
    assert "not sent yet" in await dupont.go(drafted)
    await dupont.go(f"{drafted}/do/open")
    assert 'value="remuneration" checked' in dupont.page
    await dupont.send(f"{drafted}/do/open", **asked, action="make")
    page = await dupont.go(drafted)
    assert "8 weeks" in page
    kept = re.search(r"/desk/files/([0-9a-f-]{36})", page)
    assert kept is not None
    content = await dupont.client.get(f"/desk/files/{kept[1]}")
    assert content.content == PDF
    assert content.headers["content-disposition"].startswith("attachment")


async def test_an_overdue_request_is_escalated_on_the_page(desks: Office) -> None:
    dupont, pole = await seated(desks, "FR-DGT"), await seated(desks, "PL-GIP")
    clerk = await desks.world.officer("FR-DGT")
    request = await desks.world.request(clerk, datetime.now(UTC) - timedelta(days=70))
    assert "Days overdue" in await dupont.go("/desk?mine=1&overdue=1")
    await dupont.go(f"/desk/exchanges/{request.number}")
    assert "escalate" in moves(dupont.page)
    await dupont.go(f"/desk/exchanges/{request.number}/do/escalate")
    await dupont.send(f"/desk/exchanges/{request.number}/do/escalate", authority="PL-GIP", action="make")
    page = await dupont.go(f"/desk/exchanges/{request.number}")
    assert "Belongs together with" in page
    assert "Road transport: posting declarations" in await pole.go("/desk?mine=1&ball=ours")
    linked = re.search(r'together with: <a href="(/desk/exchanges/[0-9.]+)"', page)
    assert linked is not None
    assert "Nowak" in await pole.go(f"{linked[1]}/declarations")


async def test_four_eyes_release_on_the_page(desks: Office) -> None:
    first, second = await seated(desks, "FR-DGT"), await seated(desks, "FR-DGT")
    chief = await seated(desks, "FR-DGT", "administrator")
    await chief.go("/desk/own")
    await chief.send("/desk/own", four_eyes="true", action="four_eyes")
    await first.go("/desk/new?kind=mutual_assistance.posting")
    said = {"kind": "mutual_assistance.posting", "field__operator_name": "Spedycja", "questions": "P003"}
    there = (await first.send("/desk/new", **said, authority="PL-GIP", action="send")).partition("?")[0]
    assert "Waiting for a second officer" in await first.go(there)
    await first.send(there, action="release", expected=422)
    assert "<b>1</b> To release" in await second.go("/desk")
    await second.go(there)
    await second.send(there, action="release")
    assert "Sent, awaiting acceptance" in await second.go(there)


async def test_notes_templates_and_following_are_the_officers_own(desks: Office) -> None:
    dupont, pole = await seated(desks, "FR-DGT"), await seated(desks, "PL-GIP")
    sent = await desks.world.assistance(await desks.world.officer("FR-DGT"))
    path = f"/desk/exchanges/{sent.number}"
    await dupont.go(path)
    await dupont.send(path, note="Rappeler lundi.", action="note")
    assert "Rappeler lundi." in await dupont.go(path)
    assert "Rappeler lundi." not in await pole.go(path)
    await dupont.send(path, action="follow")
    assert "You are told of every move." in await dupont.go(path)
    await dupont.go("/desk/new?kind=mutual_assistance.posting")
    kept = {"kind": "mutual_assistance.posting", "questions": ["P010"], "template_name": "Salaires"}
    assert (await dupont.send("/desk/new", **kept, action="template")).startswith("/desk/own")
    page = await dupont.go("/desk/own")
    template = re.search(r"template=([0-9a-f-]{36})", page)
    assert template is not None
    assert 'value="P010" checked' in await dupont.go(f"/desk/new?kind=mutual_assistance.posting&template={template[1]}")
    await dupont.go("/desk/own")
    await dupont.send("/desk/own", template=template[1], action="drop")
    assert "Salaires" not in await dupont.go("/desk/own")


async def test_an_alert_is_sent_acknowledged_and_taken_back_on_pages(desks: Office) -> None:
    pole, german = await seated(desks, "PL-GITD"), await seated(desks, "DE-BALM")
    await pole.go("/desk/alerts/new")
    alert = {"category": "licence_withdrawn", "field__operator_name": "Spedycja Test", "text": "Decyzja z maja."}
    there = (await pole.send("/desk/alerts/new", **alert, language="pl")).partition("?")[0]
    assert "<b>1</b> Alerts to acknowledge" in await german.go("/desk")
    assert "Acknowledge" in await german.go(there)
    await german.send(there, action="acknowledge")
    assert "acknowledged" in await pole.go(there)
    await pole.send(there, action="withdraw", text="Uchylono.", language="pl")
    assert "Taken back on" in await german.go(there)
    assert "licence" in await german.go("/desk/notices")
    shown = re.findall(r'name="notice" value="(\d+)"', german.page)
    await german.send("/desk/notices", notice=shown)
    assert "Nothing here yet." in await german.go("/desk/notices")


async def test_without_a_translation_service_the_page_says_so_and_shows_the_original(desks: Office) -> None:
    pole = await seated(desks, "PL-GIP")
    sent = await desks.world.request(await desks.world.officer("FR-DGT"))
    await pole.go(f"/desk/exchanges/{sent.number}", expected=404)
    assisted = await desks.world.assistance(await desks.world.officer("FR-DGT"), text=Words("Merci de répondre.", "fr"))
    page = await pole.go(f"/desk/exchanges/{assisted.number}")
    assert "Translate the texts by machine" in page
    page = await pole.go(f"/desk/exchanges/{assisted.number}?translate=1")
    assert "No translation service is connected. Here is the original." in page
    assert "Merci de répondre." in page


async def test_what_is_read_is_logged_and_a_strangers_form_does_nothing(desks: Office) -> None:
    dupont = await seated(desks, "FR-DGT")
    sent = await desks.world.assistance(await desks.world.officer("FR-DGT"))
    await dupont.go(f"/desk/exchanges/{sent.number}/declarations")
    kinds = await desks.world.pool.fetch("SELECT kind, verdict FROM lookup_log ORDER BY lookup_id")
    assert [tuple(row) for row in kinds] == [("exchange", "READ"), ("declaration", "1 READ")]
    dupont.page = 'name="_csrf_token" value="forged"'
    assert await dupont.send(f"/desk/exchanges/{sent.number}", note="x", action="note") == "/sign-in"
    assert await desks.world.pool.fetchval("SELECT count(*) FROM exchange_note") == 0


async def test_an_authority_is_found_without_script_and_kept_with_what_was_typed(desks: Office) -> None:
    dupont = await seated(desks, "FR-DGT")
    await dupont.go("/desk/new?kind=mutual_assistance.posting")
    said = {"kind": "mutual_assistance.posting", "find": "Warschau", "field__operator_name": "Spedycja"}
    page = await dupont.send("/desk/new", **said, action="find", expected=200)
    assert 'value="PL-GIP"' in page
    assert 'value="Spedycja"' in page
    assert "PL-GIP" in await dupont.go("/desk/authorities?q=Warszawa")
