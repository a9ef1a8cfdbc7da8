"""Settings come from the environment, and a mistake in it is said, not guessed away."""

from pathlib import Path

import pytest

from rtpd.settings import VARIABLES, SettingsError, read_settings, shown


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = read_settings({})
    assert settings.ingest_url == "http://127.0.0.1:8080"
    assert settings.reports_url == "http://127.0.0.1:8081"
    assert settings.home == Path.cwd() / ".rtpd"
    assert settings.demo


def test_values_are_read_in_their_types() -> None:
    settings = read_settings({"RTPD_INGEST_PORT": "9000", "DEMO": "0", "RTPD_HOME": "/data", "RTPD_SHARDS": "8"})
    assert (settings.ingest_port, settings.demo, settings.home, settings.shards) == (
        9000,
        False,
        Path("/data"),
        8,
    )


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"RTPD_DATABASE_URL": "", "RTPD_SHARDS": ""}) == read_settings({})


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError, match="did you mean RTPD_INGEST_PORT"):
        read_settings({"RTPD_INGEST_PROT": "9000"})


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"RTPD_INGEST_PORT.*RTPD_SHARDS"):
        read_settings({"RTPD_INGEST_PORT": "70000", "RTPD_SHARDS": "many"})


def test_a_host_that_means_every_address_is_reached_through_loopback() -> None:
    assert read_settings({"RTPD_INGEST_HOST": "0.0.0.0"}).ingest_url == "http://127.0.0.1:8080"
    assert read_settings({"RTPD_REPORTS_HOST": "::"}).reports_url == "http://[::1]:8081"


def test_every_setting_is_described_and_secrets_are_masked() -> None:
    environment = {
        "RTPD_DATABASE_URL": "postgresql://rtpd:geheim@db/rtpd",
        "RTPD_API_KEY": "rtpd_live_geheim",
        "RTPD_REDIS_URL": "redis://localhost:6379/0",
    }
    rows = {row.name: row for row in shown(read_settings(environment), environment)}
    assert rows.keys() == VARIABLES.keys()
    assert all(row.description for row in rows.values())
    assert rows["RTPD_DATABASE_URL"].value == "postgresql://rtpd:***@db/rtpd"
    assert rows["RTPD_API_KEY"].value == "***"
    assert rows["RTPD_REDIS_URL"].value == "redis://localhost:6379/0"
    assert rows["RTPD_API_KEY"].source == "environment"
    assert rows["RTPD_SHARDS"].source == "default"


def test_a_secret_is_not_repeated_in_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"RTPD_API_KEY_": "geheim"})
    assert "geheim" not in str(caught.value)
