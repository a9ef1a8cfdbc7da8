"""Intake as Granian serves it to the pages' tests."""

import os

from litestar import Litestar

from ingest.app import Options, create_app


def app() -> Litestar:
    return create_app(Options(os.environ["OFFICE_DATABASE"], os.environ["OFFICE_REDIS"], 2, 1_000_000))
