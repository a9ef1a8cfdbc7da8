"""`rtpd verify-qr` tells a genuine code from any other without a network."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ingest.copy.seal import live_address, seal
from rtpd.cli import main
from rtpd.commands.verify_qr import KeyFileError, public_keys
from tests.ingest.copy.conftest import Copy, key, make_copy

__all__ = ["key", "make_copy"]


def pem(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def key_file(tmp_path: Path, key: Ed25519PrivateKey) -> str:
    file = tmp_path / "keys.pem"
    file.write_bytes(pem(Ed25519PrivateKey.generate().public_key()) + pem(key.public_key()))
    return str(file)


def test_a_genuine_code_is_shown_in_words(
    make_copy: Callable[..., Copy], key: Ed25519PrivateKey, key_file: str, capsys: pytest.CaptureFixture[str]
):
    code = live_address("https://posting.example.eu", seal(make_copy(), key))
    assert main(["verify-qr", code, "--key", key_file]) == 0
    shown = capsys.readouterr().out
    assert make_copy().number in shown
    assert "15/03/2026 – 14/09/2026" in shown
    assert "Παπαδόπουλος" in shown


def test_a_genuine_code_is_shown_to_programs(
    make_copy: Callable[..., Copy], key: Ed25519PrivateKey, key_file: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["verify-qr", seal(make_copy(), key), "--key", key_file, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["genuine"] is True
    assert said["copy"]["postingCountry"] == "DE"


def test_a_forged_code_is_refused_with_the_reason(
    make_copy: Callable[..., Copy], key_file: str, capsys: pytest.CaptureFixture[str]
):
    forged = seal(make_copy(), Ed25519PrivateKey.generate())
    assert main(["verify-qr", forged, "--key", key_file]) == 1
    assert "not among the known ones" in capsys.readouterr().out


def test_keys_are_read_as_pem_and_as_base64_lines(key: Ed25519PrivateKey):
    raw = base64.b64encode(key.public_key().public_bytes_raw())
    assert [found.public_bytes_raw() for found in public_keys(raw + b"\n")] == [key.public_key().public_bytes_raw()]
    assert len(public_keys(pem(key.public_key()) * 2)) == 2


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"AAAA", b"-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"]
)
def test_a_file_without_keys_is_refused(content: bytes):
    with pytest.raises(KeyFileError):
        public_keys(content)


def test_a_key_of_another_kind_is_refused():
    other = generate_private_key(SECP256R1()).public_key()
    with pytest.raises(KeyFileError):
        public_keys(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
