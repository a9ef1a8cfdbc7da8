"""The same answer wherever a row lies: in the tail, in level 0, in level 1, in memory or on disk."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from reports.lookup import Lookup, Question
from tests.reports.conftest import CONTROL, Roadside
from tests.store.lake_builder import Fleet, Version
from validate.plates import plate_key


async def test_the_answer_is_the_same_from_tail_to_level_1(roadside: Roadside) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    first = Version(fleet)
    await roadside.declare(first, Version(fleet, withdrawn=True), first.later(CONTROL + timedelta(days=1)))
    answers = [await roadside.look_up("PO 1AB23")]
    await roadside.publish()
    answers.append(await roadside.look_up("PO 1AB23"))
    await roadside.compact()
    assert roadside.files.rows_in_memory == 0
    answers.append(await roadside.look_up("PO 1AB23"))
    assert answers[0]["total"] == 2
    assert answers[0] == answers[1] == answers[2]


async def test_versions_in_different_levels_are_one_declaration(roadside: Roadside) -> None:
    first = Version(Fleet(uuid4(), ("PO 1AB23",)))
    await roadside.declare(first)
    await roadside.publish()
    await roadside.compact()
    second = first.later(CONTROL - timedelta(days=2), last_name="Nowak-Lis")
    await roadside.declare(second, fleets=[])
    await roadside.publish()
    await roadside.declare(second.later(CONTROL - timedelta(days=1), last_name="Lis"), fleets=[])
    answer = await roadside.look_up("PO 1AB23")
    assert (answer["total"], answer["declarations"][0]["version"]) == (1, 3)
    assert answer["declarations"][0]["driverLatinLastName"] == "Lis"
    assert (await roadside.look_up("PO 1AB23", driver="Jan Lis"))["verdict"] == "GREEN"


async def test_a_look_up_answers_from_the_state_with_which_it_began(roadside: Roadside) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    await roadside.declare(Version(fleet))
    parts = roadside.app.state.parts
    held = SimpleNamespace(state=parts.files.state)
    await roadside.declare(Version(fleet), Version(Fleet(uuid4(), ("PO 1AB23",))))  # into the same memory tables
    lookup = Lookup(held, parts.readers, parts.operators)  # type: ignore[arg-type]
    judgement = await lookup.judge(Question(plate_key("PO 1AB23"), "FR", CONTROL, 20))
    answer = await lookup.answer(judgement)
    assert (len(judgement.fleets), answer.total, len(answer.declarations)) == (1, 1, 1)
    assert (await roadside.look_up("PO 1AB23"))["total"] == 3


async def test_files_too_large_for_memory_are_read_from_disk(roadside: Roadside) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    await roadside.declare(*(Version(fleet) for _ in range(1_200)))
    state = roadside.files.state.declarations.recent
    assert (len(state.unheld), len(state.held)) == (1, 0)
    answer = await roadside.look_up("PO 1AB23", limit=1)
    assert (answer["total"], answer["verdict"]) == (1_200, "GREEN")
    assert (await roadside.look_up("PO 1AB23", driver="Jan Nowak"))["counts"]["covering"] == 1_200


async def test_deleted_rows_are_gone_from_the_answer(roadside: Roadside) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    gone, moved, recent, kept = (Version(fleet) for _ in range(4))
    await roadside.declare(gone, moved, Version(fleet))
    await roadside.publish()
    await roadside.compact()
    await roadside.declare(recent, kept, fleets=[])
    await roadside.publish()
    assert (await roadside.look_up("PO 1AB23"))["total"] == 5
    for table, version in (("declaration_version", gone), ("declaration_version_recent", recent)):
        roadside.writer.execute(f"DELETE FROM lake.{table} WHERE declaration_id = ?", [version.declaration_id])
    await roadside.files.refresh()
    answer = await roadside.look_up("PO 1AB23")
    assert roadside.files.state.declarations.has_deletes
    assert answer["total"] == 3
    shown = {found["declarationId"] for found in answer["declarations"]}
    assert str(kept.declaration_id) in shown
    assert not {str(gone.declaration_id), str(recent.declaration_id)} & shown


async def test_a_plate_is_found_among_many_small_files(roadside: Roadside) -> None:
    for number in range(30):
        await roadside.declare(Version(Fleet(uuid4(), (f"WA {10_000 + number}",))))
    assert len(roadside.files.state.plates.recent.held) == 30
    for number in (0, 17, 29):
        assert (await roadside.look_up(f"WA {10_000 + number}"))["total"] == 1
    await roadside.publish()
    assert len(roadside.files.state.plates.recent.held) == 30
    await roadside.compact()
    assert not roadside.files.state.plates.recent.held
    for number in (0, 17, 29):
        assert (await roadside.look_up(f"WA {10_000 + number}"))["total"] == 1


async def test_nothing_is_read_again_while_nothing_changes(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))))
    before = roadside.files.state
    await roadside.files.refresh()
    assert roadside.files.state is before
