"""What was found on the lines of an upload, kept aside in order until the answer goes out.

A million bad lines have a million findings: they wait in a temporary file, not in memory, worded and encoded as the
answer has them. Lines of which the same is said share its words.
"""

import tempfile
from collections.abc import Iterator

import msgspec

from schemas.languages import SOURCE
from schemas.problem import Problem
from validate.problems import in_language

_IN_MEMORY = 4 << 20
_PIECE = 256 << 10
_ACCEPTED, _REFUSED, _SKIPPED = b"+", b"-", b" "
_encode = msgspec.json.Encoder().encode


class LineFinding(msgspec.Struct, frozen=True):
    """The problems of one line (counted from 1), refusals and warnings alike; none of a line that is empty."""

    line: int
    accepted: bool = False
    problems: tuple[Problem, ...] = ()


_decode = msgspec.json.Decoder(LineFinding).decode


class Findings:
    """Findings in the order of their lines, block by block, worded in a language. Close it when the answer is sent."""

    def __init__(self) -> None:
        self.language = SOURCE
        self.refused = 0
        self.warned = 0
        self._block: list[tuple[int, bytes]] = []
        self._said: dict[int, tuple[tuple[Problem, ...], bytes]] = {}
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()

    def add(self, line: int, accepted: bool, problems: tuple[Problem, ...]) -> None:
        """Keeps what was found on a line."""
        if accepted:
            self.warned += 1
        else:
            self.refused += 1
        said = self._said.get(id(problems))
        if said is None:  # the problems are kept with their words, so that no others have their identity
            said = self._said[id(problems)] = problems, self._worded(problems)
        kind = _ACCEPTED if accepted else _REFUSED
        self._block.append((line, b'%b{"line":%d,"problems":%b}\n' % (kind, line, said[1])))

    def skip(self, line: int) -> None:
        """Notes an empty line: it is neither accepted nor refused."""
        self._block.append((line, b'%b{"line":%d,"problems":[]}\n' % (_SKIPPED, line)))

    def end_block(self) -> None:
        """Puts the findings of a block of lines in order and aside."""
        self._block.sort()
        self._file.write(b"".join([finding for _, finding in self._block]))
        self._block.clear()
        self._said.clear()

    def __iter__(self) -> Iterator[LineFinding]:
        """Reads the findings back from the first, in the order of the lines."""
        self._file.seek(0)
        for line in self._file:
            found = _decode(line[1:])
            yield LineFinding(found.line, line[:1] == _ACCEPTED, found.problems)

    def array(self, *, accepted: bool) -> Iterator[bytes]:
        """Writes the findings of accepted or of refused lines as the inside of a JSON array, piece by piece."""
        kind, begun = ord(_ACCEPTED if accepted else _REFUSED), False
        self._file.seek(0)
        while lines := self._file.readlines(_PIECE):
            piece = [line[1:-1] for line in lines if line[0] == kind]
            if piece:
                yield (b"," if begun else b"") + b",".join(piece)
                begun = True

    def close(self) -> None:
        """Lets go of the temporary file."""
        self._file.close()

    def _worded(self, problems: tuple[Problem, ...]) -> bytes:
        if self.language == SOURCE:
            return _encode(problems)
        return _encode([in_language(one, self.language) for one in problems])
