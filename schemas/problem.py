"""What is wrong with a declaration or a request, said so that a program and a person can mend it."""

from typing import Literal

from msgspec import Struct

Severity = Literal["reject", "warn"]


class Problem(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One finding: a stable code, where it is (JSON pointer), a text, and a way out where there is one.

    `values` are what the text was filled in with, for programs and for wording it in another language.
    """

    code: str
    pointer: str
    severity: Severity
    text: str
    suggestion: str | None = None
    legal_reference: str | None = None
    values: dict[str, str] | None = None


class ProblemDocument(Struct, rename="camel", omit_defaults=True):
    """An error answer: RFC 9457's members, RTPD's `message`, a stable `code` and each problem found."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    message: str
    problems: tuple[Problem, ...] = ()
    submission_id: str | None = None
