"""The embedded servers keep what they acknowledged, and a folder of theirs is found, given and taken over safely."""

import os
import signal
from pathlib import Path

import asyncpg
import pytest
from redis import Redis

from rtpd.embedded.account import let_pass, let_read
from rtpd.embedded.leftover import end_leftover
from rtpd.embedded.postgres import PostgresStartError
from rtpd.embedded.servers import EmbeddedServers
from rtpd.embedded.sockets import ForeignFolderError, socket_folder
from rtpd.settings import read_settings


@pytest.fixture
def own(home: Path, request: pytest.FixtureRequest) -> EmbeddedServers:
    settings = {"RTPD_HOME": str(home / request.node.name[:30]), "RTPD_SHARED_BUFFERS_MB": "16"}
    return EmbeddedServers(read_settings(settings))


async def test_what_was_acknowledged_survives_kills_of_both(own: EmbeddedServers) -> None:
    assert own.postgres is not None
    assert own.redis is not None
    addresses = own.start()
    try:
        connection = await asyncpg.connect(addresses.database_url, database="postgres")
        await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        with Redis.from_url(addresses.redis_url) as redis:
            redis.set("kept", 1)
        own.postgres.kill()
        own.redis.kill()
        connection.terminate()
        own.postgres.start()
        own.redis.start()
        connection = await asyncpg.connect(addresses.database_url, database="postgres")
        assert await connection.fetchval("SELECT n FROM kept") == 1
        await connection.close()
        with Redis.from_url(addresses.redis_url) as redis:
            assert redis.get("kept") == b"1"
    finally:
        own.stop()


def test_an_interrupted_first_start_is_begun_anew(own: EmbeddedServers) -> None:
    assert own.postgres is not None
    unfinished = own.postgres.data.with_suffix(".new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    own.start()
    own.stop()
    assert not unfinished.exists()


def test_a_data_folder_of_another_release_is_a_clear_error(own: EmbeddedServers) -> None:
    assert own.postgres is not None
    own.postgres.data.mkdir(parents=True)
    (own.postgres.data / "PG_VERSION").write_text("15")
    with pytest.raises(PostgresStartError, match="did not start"):
        own.postgres.start()


async def test_both_are_durable_and_reached_by_sockets_alone(servers: EmbeddedServers) -> None:
    connection = await asyncpg.connect(servers.addresses.database_url, database="postgres")
    wanted = {"synchronous_commit": "on", "fsync": "on", "listen_addresses": "", "server_encoding": "UTF8"}
    assert {name: await connection.fetchval(f"SHOW {name}") for name in wanted} == wanted
    await connection.close()
    with Redis.from_url(servers.addresses.redis_url) as redis:
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "port": "0"}
        assert redis.config_get(*wanted) == wanted


def test_addresses_that_are_set_are_used_each_by_itself(home: Path) -> None:
    settings = read_settings({"RTPD_HOME": str(home / "mixed"), "RTPD_REDIS_URL": "redis://queue:6379/0"})
    mixed = EmbeddedServers(settings)
    assert mixed.redis is None
    assert mixed.postgres is not None
    assert mixed.addresses.redis_url == "redis://queue:6379/0"
    assert mixed.addresses.database_url == mixed.postgres.url


def test_a_short_home_has_its_sockets_inside_and_a_long_one_elsewhere(tmp_path: Path) -> None:
    assert socket_folder(Path("/data/rtpd")) == Path("/data/rtpd/run")
    long = socket_folder(tmp_path / ("x" * 120))
    assert len(os.fsencode(long / ".s.PGSQL.5432.lock")) <= 107
    assert long == socket_folder(tmp_path / ("x" * 120))
    assert long != socket_folder(tmp_path / ("y" * 120))


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("z" * 120)
    folder = socket_folder(home)
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(ForeignFolderError):
            socket_folder(home)
    finally:
        folder.unlink()


def test_another_process_with_the_recorded_number_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{tmp_path}\n")
    end_leftover(pid_file, "postgres", tmp_path, ((signal.SIGKILL, 1.0),))
    assert not pid_file.exists()


def test_folders_above_become_passable_and_not_readable(tmp_path: Path) -> None:
    above = tmp_path / "above"
    (above / "data").mkdir(parents=True)
    above.chmod(0o700)
    let_pass(above / "data")
    assert above.stat().st_mode & 0o777 == 0o711


def test_what_its_owner_may_run_everyone_may_run(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir(mode=0o700)
    program.touch(mode=0o700)
    let_read(tmp_path / "bin")
    assert program.stat().st_mode & 0o777 == 0o755
    assert program.parent.stat().st_mode & 0o777 == 0o755
