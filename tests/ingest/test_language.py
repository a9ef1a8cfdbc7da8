"""Problems in the language of the caller."""

from importlib.resources import files
from string import Formatter
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from litestar.testing import AsyncTestClient

from schemas.languages import LANGUAGES
from tests.ingest.conftest import Caller, declaration, ndjson
from validate.problems import KINDS, Wording

Client = AsyncTestClient[Any]
TEXTS = {
    path.name.removesuffix(".toml"): msgspec.toml.decode(path.read_bytes(), type=dict[str, Wording])
    for path in (files("schemas") / "data" / "texts").iterdir()
}
CASES = [(language, code) for language, wordings in sorted(TEXTS.items()) for code in wordings]


def placeholders(template: str | None) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template or "") if name}


@pytest.mark.parametrize(("language", "code"), CASES)
def test_a_translation_fills_in_what_the_english_text_does(language: str, code: str) -> None:
    kind, wording = KINDS[code], TEXTS[language][code]
    assert placeholders(wording.text) == placeholders(kind.text)
    assert placeholders(wording.suggestion) == placeholders(kind.suggestion)
    assert (wording.suggestion is None) == (kind.suggestion is None)
    assert wording.text != kind.text


def test_every_language_of_the_pages_has_texts() -> None:
    assert TEXTS.keys() == LANGUAGES.keys() - {"en"}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_language_words_all_problems(language: str) -> None:
    assert language in LANGUAGES
    assert TEXTS[language].keys() == KINDS.keys()


async def test_a_refusal_is_worded_as_the_caller_prefers(client: Client, caller: Caller) -> None:
    refused = declaration(declarationEndDate="2031-12-31")
    headers = caller.headers | {"accept-language": "xx, de-AT;q=0.9, en;q=0.8"}
    answer = await client.post("/declarations/submit", json=refused, headers=headers)
    assert answer.headers["content-language"] == "de"
    (found,) = answer.json()["problems"]
    assert found["text"] == "Die Entsendung dauert länger als 6 Monate."
    assert found["suggestion"].startswith("Beenden Sie sie spätestens am ")
    assert found["code"] == "period_too_long"
    assert answer.json()["title"] == "Die Meldung wurde abgelehnt."


@pytest.mark.parametrize("wanted", ["", "xx", "*", ";q=", "en"])
async def test_who_prefers_no_language_of_ours_is_answered_in_english(
    client: Client, caller: Caller, wanted: str
) -> None:
    answer = await client.post(
        "/declarations/submit",
        json=declaration(driverDateOfBirth="x"),
        headers=caller.headers | {"accept-language": wanted},
    )
    assert answer.headers["content-language"] == "en"
    assert answer.json()["problems"][0]["text"] == "'x' is not a date."


async def test_lines_of_a_bulk_upload_are_worded_too(client: Client, caller: Caller) -> None:
    headers = caller.headers | {"accept-language": "de"}
    body = ndjson(declaration(), declaration(declarationEndDate="2031-12-31"))
    answer = await client.post("/declarations/bulk", content=body, headers=headers)
    (line,) = answer.json()["problems"]
    assert line["problems"][0]["text"] == "Die Entsendung dauert länger als 6 Monate."


async def test_what_is_told_beside_an_acceptance_is_worded_too(client: Client, caller: Caller) -> None:
    headers = caller.headers | {"accept-language": "fi"}
    twice = declaration(declarationVehiclePlateNumber=["WA 12345", "WA 12345"])
    single = (await client.post("/declarations/submit", json=twice, headers=headers)).json()
    draft = (await client.post("/declarations", json=twice, headers=headers)).json()
    nobody = str(uuid4())
    alike = {name: value for name, value in twice.items() if not name.startswith(("driver", "declarationPosting"))}
    matrix = alike | {"driverIds": [nobody], "declarationPostingCountries": ["FR"]}
    verdicts = (await client.post("/declarations/matrix", json=matrix, headers=headers)).json()["verdicts"]
    vehicles = b"plateNumber,registrationCountry,transportType,vehicleWeight\nWA 1,PL,CARRIAGE_OF_GOODS,\n"
    rows = (await client.post("/plate-numbers/files", content=vehicles, headers=headers)).json()["problems"]
    plan = b"driver,country,from,to\nnobody,XX,2026-12-01,2026-12-02\n"
    trips = (await client.post("/coverage", content=plan, headers=headers)).json()["items"]
    told = [*single["warnings"], *draft["warnings"]]
    told += [found for one in (*verdicts, *rows, *trips) for found in one["problems"]]
    assert [found["code"] for found in told] == ["duplicate_plate"] * 2 + [
        "driver_unknown",
        "weight_missing",
        "not_a_code",
    ]
    for found in told:
        assert found["text"] == TEXTS["fi"][found["code"]].text.format_map(found.get("values", {}))
