"""Intake as Granian serves it to the pages' tests."""

import os

from litestar import Litestar

from ingest.app import Options, create_app

SHARDS = 2


def app() -> Litestar:
    return create_app(
        Options(
            os.environ["OFFICE_DATABASE"],
            os.environ["OFFICE_REDIS"],
            shards=SHARDS,
            queue_limit=1_000_000,
            documents=os.environ["OFFICE_DOCUMENTS"],
            private_webhooks=True,
        )
    )
