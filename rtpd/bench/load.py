"""What a bench sends: generated declarations of operators in the register, all by one software house's key."""

from collections.abc import Iterator

import asyncpg

from loadtests.generator import Generator
from rtpd.bench.system import BenchSystem
from rtpd.caller import Caller
from rtpd.client import Chunk, Intake
from schemas.operator import Operator
from store import operators
from store.operator_import import import_operators


async def enter_operators(system: BenchSystem, generator: Generator) -> Caller:
    """Enters the load's operators in the register; gives a software house to which all of them delegated."""
    register = system.settings.home / "operators.ndjson"
    with register.open("wb") as file:
        for lines in generator.operators():
            file.write(lines)
    connection = await asyncpg.connect(system.addresses.database_url)
    try:
        house = await operators.create_operator(connection, Operator(name="Software house", country="PL"))
        key = await operators.create_credential(connection, house, "bench")
        await import_operators(connection, register, [key.credential_id])
        await connection.execute("VACUUM (ANALYZE) operator, delegation")
    finally:
        await connection.close()
        register.unlink()
    return Caller(key.api_key, str(house))


def intake_of(system: BenchSystem, who: Caller, *, compress: bool = False) -> Intake:
    """Gives where to submit, and for whom. Nothing is compressed unless asked for: the way is short."""
    return Intake(url=system.settings.ingest_url, api_key=who.api_key, operator_id=who.operator_id, compress=compress)


def chunks_of(generator: Generator) -> Iterator[Chunk]:
    """Gives the load's lines in chunks of some ten thousand, as the generator makes them."""
    first_line = 1
    for number, lines in enumerate(generator.declarations(), 1):
        body = lines.to_pybytes()
        count = body.count(b"\n")
        yield Chunk(number, first_line, count, body)
        first_line += count
