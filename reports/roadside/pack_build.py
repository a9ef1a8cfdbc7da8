"""Builds the officers' pack of a host state from the lake and its tail."""

import secrets
from datetime import UTC, date, datetime
from uuid import UUID

import duckdb
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.roadside.pack import FLAGS, Declared, days_kept, write
from reports.sources import sources
from schemas import statements

_SQL = statements.load("reports", "roadside_pack")


def build(database_url: str, lake: str, host: str, day: date, key: Ed25519PrivateKey) -> bytes:
    """Makes the pack of a host state (ISO code) for a day, signed. Raises `duckdb.Error`."""
    with sources(database_url, lake) as connection:
        declared = gather(connection, host, day)
    return write(declared, host, day, datetime.now(UTC), secrets.token_bytes(16), key)


def gather(connection: duckdb.DuckDBPyConnection, host: str, day: date) -> Declared:
    """Collects what the pack holds from the views of `reports/sources.py`. Raises `duckdb.Error`."""
    connection.execute(_SQL["declarations"], {"host": host, "since": days_kept(day)})
    connection.execute(_SQL["fleets"])
    rows = connection.execute(_SQL["rows"]).to_arrow_table()
    plates = connection.execute(_SQL["plates"]).fetchall()
    fleet_no = rows.column("fleet_no").to_numpy().astype(np.int64)
    start, end = (rows.column(name).to_numpy().astype("datetime64[D]") for name in ("start_date", "end_date"))
    flags = sum(rows.column(name).to_numpy().astype(np.int64) << place for place, name in enumerate(FLAGS))
    return Declared(
        columns={
            "fleet_no": fleet_no,
            "start": (start - np.datetime64(day)).astype(np.int64),
            "days": (end - start).astype(np.int64),
            "flags": np.asarray(flags, np.int64),
            "version": np.minimum(rows.column("version").to_numpy(), 65_535).astype(np.int64),
        },
        ids=[UUID(str(one)).bytes for one in rows.column("declaration_id").to_pylist()],
        licences=rows.column("licence").to_pylist(),
        countries=rows.column("operator_country").to_pylist(),
        fleets=int(fleet_no.max()) + 1 if len(fleet_no) else 0,
        plates={key: tuple(fleets) for key, fleets in plates},
    )
