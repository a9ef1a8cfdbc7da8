"""People on pages: let in with a role and a first password, which is shown once; their role changed; sent away."""

import secrets
from typing import Any

from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit
from ingest.people import SCOPES, People, change_person, create_person, delete_person, list_people, set_four_eyes

#: Characters of a first password that nobody takes for one another, in groups for reading out.
_LETTERS, _GROUPS, _GROUP = "abcdefghjkmnpqrstuvwxyz23456789", 4, 4


async def show(visit: Visit) -> AnyResponse:
    """Shows who may sign in."""
    return await _shown(visit)


async def act(visit: Visit) -> AnyResponse:
    """Lets a person in, changes a role, gives a new password, sends a person away, or wants four eyes."""
    form = await visit.form()
    entered = {name: str(form.get(name, "")).strip() for name in ("name", "email", "role")}
    path, action = {"person_id": str(form.get("person", ""))}, str(form.get("action", ""))
    password = first_password()
    try:
        match action:
            case "create":
                await visit.ask(create_person, said=entered | {"password": password})
                return await _shown(visit, password=password, given_to=entered["name"])
            case "role":
                await visit.ask(change_person, path=path, said={"role": entered["role"]})
            case "password":
                await visit.ask(change_person, path=path, said={"password": password})
                return await _shown(visit, password=password, given_to=entered["name"])
            case "delete":
                await visit.ask(delete_person, path=path)
            case "four_eyes":
                await visit.ask(set_four_eyes, said={"fourEyes": form.get("fourEyes") == "true"})
            case _:
                raise RefusedError("not_found")
    except RefusedError as error:
        return await _shown(visit, problems=visit.worded(error), entered=entered if action == "create" else {})
    return visit.go("/my/people", said="deleted" if action == "delete" else "saved")


def first_password() -> str:
    """Makes a password that can be read out: 16 characters of 31, 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


async def _shown(visit: Visit, **context: Any) -> AnyResponse:
    people = await visit.read(list_people, People)
    entered = {"name": "", "email": "", "role": "dispatcher"} | context.pop("entered", {})
    shared: dict[str, Any] = {"found": people.items, "four_eyes": people.four_eyes, "roles": tuple(SCOPES)}
    shared |= {"password": "", "given_to": "", "problems": (), "entered": entered}
    return visit.page("people.html", shared | context, status=422 if context.get("problems") else 200)
