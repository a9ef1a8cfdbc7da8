"""The driver's copy for officers: the operators' side prints it, the authorities' side shows it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from reports.roadside.copies import PrintCopy
from schemas.operator import Operator


def copy_printer(address: str) -> PrintCopy:
    """Gives what makes copies whose code leads to the operators' side at `address`."""

    @cache
    def typesetter(key: bytes) -> Typesetter:
        return Typesetter(Ed25519PrivateKey.from_private_bytes(key), address)

    def printed(said: Mapping[str, Any], key: bytes, language: str) -> bytes:
        copy = msgspec.convert({**said, "operator": Operator(**said["operator"])}, Copy)
        return typesetter(key).pdf(copy, language)

    return printed
