"""Locust's users as they are: operators by their size, and officers at the roadside (domain.md 4.6).

Against a started system: `make load`, or `locust -f loadtests/locustfile.py --shape ramp --users 500`. On several
machines: `--master` on one, `--worker --master-host ...` on the others. Exit 1 if a threshold is passed.
"""

import os
import random
from argparse import Namespace
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, LoadTestShape, between, constant_pacing, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtests.model import shares
from loadtests.shapes import SHAPES
from loadtests.traffic import Credentials, Traffic, credentials

_SIZES = [size["share"] for size in shares()["sizes"]]
#: SEED: 35 000 officers beside a million operators.
_OFFICERS = 3.5
_BROKEN_AFTER_S = 5.0
_NDJSON = {"content-type": "application/x-ndjson"}


def add_options(parser: LocustArgumentParser) -> None:
    """Adds the shape, the thresholds and where reports listen to locust's options."""
    group = parser.add_argument_group("OpenRTPD")
    group.add_argument("--shape", choices=list(SHAPES), default="steady", help="how the number of users changes")
    group.add_argument("--ingest-url", default=_url("INGEST", 8080), help="address of intake")
    group.add_argument("--reports-url", default=_url("REPORTS", 8081), help="address of reports")
    group.add_argument("--most-failures", type=float, default=0.01, help="share of failed requests that is a failure")
    group.add_argument("--most-p95-ms", type=float, default=1000.0, help="95th percentile that is a failure")
    group.add_argument("--known-plates", type=float, default=0.8, help="share of look-ups of plates that are declared")


def _url(side: str, port: int) -> str:
    host = os.environ.get(f"RTPD_{side}_HOST", "127.0.0.1")
    return f"http://{host}:{os.environ.get(f'RTPD_{side}_PORT', port)}"


class World:
    """What all users of this process share; made when locust starts."""

    options: Namespace
    who: Credentials
    traffic: Traffic


def make_world(environment: Environment, **_: Any) -> None:
    """Reads the credentials and generates what the users will send."""
    assert environment.parsed_options is not None
    World.options = environment.parsed_options
    World.who = credentials(Path(os.environ.get("RTPD_HOME", ".rtpd")))
    Officer.host = World.options.reports_url
    for user in (SmallOperator, RenewingSoftware, BulkSoftware):
        user.host = World.options.ingest_url
    if not isinstance(environment.runner, MasterRunner):
        World.traffic = Traffic(World.who.country, seed=random.randrange(1 << 30))


def judge(environment: Environment, **_: Any) -> None:
    """Ends with 1 if too much failed or took too long; in distributed mode the master judges."""
    if isinstance(environment.runner, WorkerRunner):
        return
    total, options = environment.stats.total, World.options
    p95 = total.get_response_time_percentile(0.95) or 0
    if total.fail_ratio > options.most_failures or p95 > options.most_p95_ms or not total.num_requests:
        environment.process_exit_code = 1


class Operator(FastHttpUser):
    """An operator's software: headers, and what every kind does."""

    abstract = True

    def headers(self, **more: str) -> dict[str, str]:
        """Gives the headers of RTPD, and a fresh idempotency key."""
        named = {"x-api-key": World.who.api_key, "x-operator-id": World.who.operator_id}
        return named | {"idempotency-key": World.traffic.key()} | more

    def submit_one(self) -> str | None:
        """Submits one declaration; gives its id if it was accepted."""
        lines = World.traffic.lines(1)
        with self.rest("POST", "/declarations/submit", data=lines[0], headers=self.headers()) as answer:
            if answer.status_code != 202:
                return None
            World.traffic.declared(lines, World.who.host)
            return str(answer.js["declarationId"])


class SmallOperator(Operator):
    """One to nine drivers: one declaration by hand, and a look whether it is there."""

    weight = round(1000 * sum(_SIZES[:2]))
    wait_time = between(5, 30)

    @task
    def declare(self) -> None:
        """Submits and reads back."""
        declaration = self.submit_one()
        if declaration:
            gevent.sleep(random.uniform(0.5, 3))
            self.client.get(f"/declarations/{declaration}", headers=self.headers(), name="/declarations/[id]")


class RenewingSoftware(Operator):
    """Ten to 249 drivers: after midnight the software renews what ended yesterday, one after another."""

    weight = round(1000 * sum(_SIZES[2:4]))
    wait_time = constant_pacing(20)

    @task
    def renew(self) -> None:
        """Submits a run of single declarations without a pause."""
        for _ in range(random.randint(10, 60)):
            self.submit_one()


class BulkSoftware(Operator):
    """250 drivers and more: the whole run as one upload, whose receipt is asked for again."""

    weight = round(1000 * _SIZES[4])
    wait_time = between(10, 40)

    @task
    def upload(self) -> None:
        """Uploads some thousand lines and asks how far they are."""
        lines = World.traffic.lines(random.randint(500, 5000))
        headers = self.headers(**_NDJSON)
        with self.rest("POST", "/declarations/bulk", data=b"\n".join(lines), headers=headers) as answer:
            if answer.status_code != 202:
                return
            World.traffic.declared(lines, World.who.host)
            submission = answer.js["submissionId"]
        self.client.get(f"/submissions/{submission}", headers=self.headers(), name="/submissions/[id]")


class Officer(FastHttpUser):
    """An officer at the roadside: a plate every few seconds while the check lasts."""

    weight = round(10 * _OFFICERS)
    wait_time = between(2, 15)

    @task
    def look_up(self) -> None:
        """Asks whether a vehicle is covered."""
        plate = World.traffic.plate(World.options.known_plates)
        path = f"/lookup?plate={plate.replace(' ', '%20')}&host={World.who.host}"
        headers = {"authorization": f"Bearer {World.who.officer_token}"}
        self.client.get(path, headers=headers, name="/lookup")


class Shape(LoadTestShape):
    """The shape that --shape names, over --run-time with at most --users."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Gives users and spawn rate of this moment; None ends the run."""
        options, passed = World.options, float(self.get_run_time())  # type: ignore[no-untyped-call]
        run_time = options.run_time or 120
        if passed > run_time or (options.shape == "ramp" and self._is_broken(passed)):
            return None
        users = max(1, round(options.num_users * SHAPES[options.shape](passed / run_time)))
        return users, max(options.spawn_rate or 10, users / 10)

    def _is_broken(self, passed: float) -> bool:
        """Says whether the last seconds' answers pass a threshold."""
        assert self.runner is not None
        total, options = self.runner.stats.total, World.options
        p95 = total.get_current_response_time_percentile(0.95) or 0
        failing = total.current_fail_per_sec > options.most_failures * max(1, total.current_rps)
        return passed > _BROKEN_AFTER_S and (failing or p95 > options.most_p95_ms)


events.init_command_line_parser.add_listener(add_options)  # type: ignore[no-untyped-call]
events.init.add_listener(make_world)  # type: ignore[no-untyped-call]
events.quitting.add_listener(judge)  # type: ignore[no-untyped-call]
