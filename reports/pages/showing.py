"""How answers become what a page shows: members under the labels of the copy, a history as events."""

from collections.abc import Sequence
from typing import Any

from reports.answer import Change
from reports.roadside.history import DeclarationTold
from reports.wording import words
from schemas.codes import COUNTRIES
from schemas.languages import country_name, labels
from schemas.writing import day, moment
from web.catalogues import translations

#: The label on the driver's copy of each member (domain.md 3.6), so that both can be read side by side.
LABELS = {
    "declarationPostingCountry": "a.1",
    "declarationStartDate": "a.2",
    "declarationEndDate": "a.2",
    "declarationOperationType": "a.3",
    "declarationTransportType": "a.4",
    "driverLatinFirstName": "c.1",
    "driverLatinLastName": "c.1",
    "driverDateOfBirth": "c.2",
    "driverLicenseNumber": "c.3",
    "driverAddressStreet": "c.5",
    "driverAddressPostCode": "c.5",
    "driverAddressCity": "c.5",
    "driverAddressCountry": "c.5",
    "driverContractStartDate": "c.6",
    "driverApplicableLaw": "c.7",
    "driverDocumentType": "d.1",
    "driverDocumentNumber": "d.2",
    "driverDocumentIssuingCountry": "d.5",
    "otherContactFirstName": "g.1",
    "otherContactLastName": "g.1",
    "otherContactEmail": "g.2",
    "otherContactPhone": "g.3",
}
_TABLES = {
    "declarationOperationType": "operation_type",
    "declarationTransportType": "transport_type",
    "driverDocumentType": "document_type",
}
_MOST_PLATES = 12


def declared_facts(told: DeclarationTold, language: str) -> list[tuple[str, str]]:
    """Gives what a declaration says, line by line as on the driver's copy."""
    names, by_label = labels(language)["label"], dict[str, list[str]]()
    for member, label in LABELS.items():
        if member in told.declared:
            by_label.setdefault(label, []).append(_shown(member, told.declared[member], language))
    joined = {label: (" – " if label == "a.2" else " ").join(values) for label, values in by_label.items()}
    return [(f"{label} {names[label]}", value) for label, value in joined.items()]


def operator_facts(told: DeclarationTold, language: str) -> list[tuple[str, str]]:
    """Gives who answers for a declaration: the operator, its licence, and how to reach the transport manager."""
    operator, names = told.operator, labels(language)["label"]
    if operator is None:
        return [(f"e.6 {names['e.6']}", country_name(told.operator_country, language))]
    manager = f"{operator.manager_first_name or ''} {operator.manager_last_name or ''}".strip()
    said = {
        "e.1": operator.name,
        "e.5": operator.licence_number,
        "e.6": country_name(operator.country, language),
        "e.2": operator.email,
        "e.3": operator.phone,
        "f.1": manager,
        "f.2": operator.manager_email,
        "f.3": operator.manager_phone,
    }
    return [(f"{label} {names[label]}", value) for label, value in said.items() if value]


def events(told: DeclarationTold, language: str) -> list[dict[str, Any]]:
    """Gives the history for a timeline: controls and versions together, oldest first."""
    said, zone = words(language), COUNTRIES[told.declared["declarationPostingCountry"]].zone
    _ = translations(language).gettext
    happened: list[dict[str, Any]] = [
        {
            "at": control.at,
            "title": _("Control"),
            "text": "; ".join(filter(None, (control.place, said["outcome"][control.outcome]))),
            "kind": "plain",
        }
        for control in told.controls
    ]
    for entry in told.history:
        lines = [
            _("Changed after a control at %(instant)s") % {"instant": moment(control.at, zone)}
            for control in entry.after_controls
        ]
        lines += [change_text(change, language) for change in entry.changes if change.member != "withdrawn"]
        plain = "good" if entry.kind == "SUBMITTED" else "bad" if entry.kind == "WITHDRAWN" else "plain"
        happened.append(
            {
                "at": entry.accepted_at,
                "title": f"{said['change'][entry.kind]} ({entry.version})",
                "text": " · ".join(lines),
                "kind": "bad" if entry.after_controls else plain,
            }
        )
    return sorted(happened, key=lambda event: event["at"])


def change_text(change: Change, language: str) -> str:
    """Words one change: what stood before and after, or which plates came and went."""
    if change.member == "declarationVehiclePlateNumber":
        came = [f"+ {_some(change.added)}"] if change.added else []
        went = [f"− {_some(change.removed)}"] if change.removed else []
        return f"{labels(language)['copy']['plates']}: {' '.join(came + went)}"
    if change.member == "withdrawn":
        return words(language)["change"]["WITHDRAWN"]
    label = LABELS.get(change.member)
    name = labels(language)["label"][label] if label else change.member
    before, after = (_shown(change.member, value, language) for value in (change.before, change.after))
    return f"{name}: {before or '–'} → {after or '–'}"


def _some(plates: Sequence[str]) -> str:
    more = len(plates) - _MOST_PLATES
    return ", ".join(plates[:_MOST_PLATES]) + (f" (+{more})" if more > 0 else "")


def _shown(member: str, value: Any, language: str) -> str:
    if value is None:
        return ""
    if member in _TABLES:
        table = labels(language)[_TABLES[member]]
        return ", ".join(table[code] for code in ([value] if isinstance(value, str) else value))
    if member.endswith(("Country", "ApplicableLaw")):
        return country_name(value, language)
    return day(value) if hasattr(value, "year") else str(value)
