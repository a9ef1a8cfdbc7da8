"""Rules over the contact person: Directive (EU) 2020/1057, Article 1(11)(a)(ii)."""

import re
from collections.abc import Callable
from typing import NamedTuple

from schemas.declaration import WIRE_NAMES
from validate.problems import NOTHING, Found, problem

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@(?:[^\s@.<>()\[\],;:\"]+\.)+[^\s@.<>()\[\],;:\"]{2,}")
_REQUIRED = ("contact_first_name", "contact_last_name", "contact_email", "contact_phone")


class Contact(NamedTuple):
    """What these rules read."""

    contact_is_transport_manager: bool
    contact_first_name: str | None
    contact_last_name: str | None
    contact_email: str | None
    contact_phone: str | None


def email_shape(email: str | None, pointer: str) -> Found:
    """Refuses what cannot be an e-mail address; nothing can be sent to it."""
    if not email or _EMAIL.fullmatch(email):
        return NOTHING
    return (problem("email_shape", pointer),)


def contact_complete(contact: Contact) -> Found:
    """Asks for the transport manager's flag or for the contact's names, e-mail and telephone."""
    if contact.contact_is_transport_manager:
        return NOTHING
    missing = [name for name in _REQUIRED if not (getattr(contact, name) or "").strip()]
    if len(missing) == len(_REQUIRED):
        return (problem("contact_missing", "/" + WIRE_NAMES["contact_is_transport_manager"]),)
    return tuple(problem("contact_incomplete", f"/{WIRE_NAMES[name]}", field=WIRE_NAMES[name]) for name in missing)


def contact_email_shape(contact: Contact) -> Found:
    """Refuses a contact whose e-mail address cannot be one."""
    return email_shape(contact.contact_email, "/" + WIRE_NAMES["contact_email"])


RULES: tuple[Callable[[Contact], Found], ...] = (contact_complete, contact_email_shape)
