"""What a copy costs; prints and judges nothing."""

import time
from collections.abc import Callable

import pytest

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter


@pytest.mark.bench
def test_how_many_copies_a_second_one_thread_makes(
    make_copy: Callable[..., Copy], typesetter: Typesetter, capsys: pytest.CaptureFixture[str]
):
    plates = tuple(f"WGM {number:05}" for number in range(18))
    copies = [make_copy(version=number, driver_licence_number=f"{number:09}", plates=plates) for number in range(300)]
    typesetter.pdf(copies[0], "en")
    wall, cpu = time.perf_counter(), time.process_time()
    size = sum(len(typesetter.pdf(copy, "en")) for copy in copies[1:])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with capsys.disabled():
        print(f"\n{299 / wall:.0f} copies/s, {1000 * cpu / 299:.1f} ms of CPU and {size // 299 >> 10} KB each")  # noqa: T201
