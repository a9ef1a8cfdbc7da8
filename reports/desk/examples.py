"""Examples in the description of the desk."""

from typing import Any

ID = "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
AT = "2026-06-03T08:00:00Z"

FRENCH = {"country": "FR", "countryName": "France", "name": "Directorate-General for Labour", "authority": "FR-DGT"}
POLISH = {"country": "PL", "countryName": "Poland", "name": "National Labour Inspectorate", "authority": "PL-GIP"}
HIT = {
    "code": "PL-GIP",
    "country": "PL",
    "countryName": "Poland",
    "level": "national",
    "name": "National Labour Inspectorate",
    "ownName": "Państwowa Inspekcja Pracy",
    "place": "Warszawa",
    "competences": {"posting": "Posting of drivers"},
    "languages": ["pl", "en"],
    "coordinator": True,
    "email": "imi@pl-gip.example",
    "phone": None,
}
LINE: dict[str, Any] = {
    "exchangeId": ID,
    "number": "29423.1",
    "procedure": {"code": "mutual_assistance", "text": "Mutual assistance"},
    "module": {"code": "posting", "text": "Road transport: posting declarations"},
    "state": {"code": "SENT", "text": "Sent, awaiting acceptance"},
    "ball": {"code": "replying", "text": "Replying side"},
    "ballSide": POLISH,
    "requesting": FRENCH,
    "replying": POLISH,
    "sentAt": AT,
    "dates": {
        "legal": "2026-07-09",
        "system": "2026-06-28",
        "proposed": "2026-06-28",
        "proposedBy": "requesting",
        "due": "2026-07-09",
        "dueIs": "legal",
        "daysLeft": 36,
        "legalDaysLeft": 36,
    },
}
QUESTION = "Was the remuneration for the period of posting paid in full?"
VIEW = LINE | {
    "subject": {"declarations": [ID], "fields": {"operator_name": "Spedycja Test"}},
    "form": {"Name of the operator": "Spedycja Test"},
    "questions": [{"code": "P010", "group": "Remuneration", "text": QUESTION, "kind": "yes_no"}],
    "documents": [],
    "openQuestions": ["P010"],
    "openDocuments": [],
    "moves": [{"code": "withdraw", "text": "Withdraw"}],
    "revision": 1,
}
CONTENT = {
    "authority": "PL-GIP",
    "subject": {"declarations": [ID]},
    "questions": [{"code": "P010", "more": {"text": "Pour le mois de mai.", "language": "fr"}}],
}
NEW = {"procedure": "mutual_assistance", "module": "posting", "move": "send", "content": CONTENT}
EVENT = {
    "sequence": 1,
    "at": AT,
    "move": {"code": "send", "text": "Send"},
    "state": {"code": "SENT", "text": "Sent, awaiting acceptance"},
    "party": "requesting",
    "by": FRENCH,
    "content": CONTENT,
}
TRANSLATED = {
    "pointer": "/questions/0/more",
    "original": {"text": "Pour le mois de mai.", "language": "fr"},
    "language": "pl",
    "state": "done",
    "note": "Tłumaczenie maszynowe; liczy się tylko oryginał.",
    "text": "Za miesiąc maj.",
    "machineMade": True,
    "service": "LibreTranslate",
}
FILE = {
    "uploadId": ID,
    "exchangeId": ID,
    "party": "replying",
    "documentType": "remuneration",
    "fileName": "payslip.pdf",
    "size": 81920,
    "received": 81920,
    "state": "kept",
    "createdAt": AT,
    "mediaType": "application/pdf",
    "digest": "9f" * 32,
    "keptAt": AT,
    "sentIn": 3,
}
ALERT_SHOWN = {
    "alertId": ID,
    "number": 12,
    "kind": {"code": "alert", "text": "Alert"},
    "category": {"code": "licence_withdrawn", "text": "Community licence withdrawn"},
    "country": "PL",
    "countryName": "Poland",
    "authority": "PL-GITD",
    "fields": {"Name of the operator": "Spedycja Test"},
    "words": None,
    "operatorId": None,
    "sentAt": AT,
    "withdrawnAt": None,
    "withdrawal": None,
    "recipients": [{"authority": "FR-PNTT", "country": "FR"}],
    "toAcknowledge": True,
}
NOTE = {"noteId": 1, "at": AT, "officerId": ID, "officerName": "Anne Dupont", "text": "Rappeler lundi."}
TEMPLATE = {
    "name": "Standard",
    "procedure": "mutual_assistance",
    "module": "posting",
    "move": "send",
    "content": {"questions": [{"code": "P010"}]},
}
NOTICE = {
    "noticeId": 7,
    "at": AT,
    "kind": "exchange_moved",
    "subject": "Mutual assistance 29423.1: Sent, awaiting acceptance",
    "text": "Directorate-General for Labour (France): Send.",
    "exchangeId": ID,
}
