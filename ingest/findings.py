"""What was found on the lines of an upload, kept aside in order until the answer goes out.

A million bad lines have a million findings: they wait in a temporary file, not in memory.
"""

import tempfile
from collections.abc import Iterator
from operator import attrgetter

import msgspec

from schemas.languages import SOURCE
from schemas.problem import Problem
from validate.problems import in_language

_IN_MEMORY = 4 << 20
_PIECE = 256 << 10
_encode = msgspec.json.Encoder().encode


class LineFinding(msgspec.Struct, frozen=True):
    """The problems of one line (counted from 1), refusals and warnings alike."""

    line: int
    accepted: bool
    problems: tuple[Problem, ...]


_decode = msgspec.json.Decoder(LineFinding).decode


class Findings:
    """Findings in the order of their lines, block by block. Close it when the answer is sent."""

    def __init__(self) -> None:
        self.language = SOURCE
        self.refused = 0
        self.warned = 0
        self._block: list[LineFinding] = []
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()

    def add(self, line: int, accepted: bool, problems: tuple[Problem, ...]) -> None:
        """Keeps what was found on a line."""
        if accepted:
            self.warned += 1
        else:
            self.refused += 1
        self._block.append(LineFinding(line, accepted, problems))

    def skip(self, line: int) -> None:
        """Notes an empty line: it is neither accepted nor refused."""
        self._block.append(LineFinding(line, False, ()))

    def end_block(self) -> None:
        """Puts the findings of a block of lines in order and aside."""
        self._block.sort(key=attrgetter("line"))
        self._file.write(b"".join(_encode(finding) + b"\n" for finding in self._block))
        self._block.clear()

    def __iter__(self) -> Iterator[LineFinding]:
        """Reads the findings back from the first, worded in the language."""
        self._file.seek(0)
        for line in self._file:
            finding = _decode(line)
            if self.language != SOURCE:
                worded = tuple(in_language(one, self.language) for one in finding.problems)
                finding = msgspec.structs.replace(finding, problems=worded)
            yield finding

    def array(self, *, accepted: bool) -> Iterator[bytes]:
        """Writes the findings of accepted or of refused lines as the inside of a JSON array, piece by piece."""
        piece, first = bytearray(), True
        for finding in self:
            if finding.accepted is not accepted or not finding.problems:
                continue
            piece += (b"" if first else b",") + _encode({"line": finding.line, "problems": finding.problems})
            first = False
            if len(piece) > _PIECE:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)

    def close(self) -> None:
        """Lets go of the temporary file."""
        self._file.close()
