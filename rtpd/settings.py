"""All settings in one typed struct, read once from the environment and passed down as arguments."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct

PREFIX = "RTPD_"
SHARDS_AT_MOST = 1024
#: Settings whose variable has no prefix, because people type them in front of `make run`.
WITHOUT_PREFIX = {"demo": "DEMO"}

Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1)]
LogLevel = Literal["debug", "info", "warning", "error"]


class SettingsError(ValueError):
    """A variable of the environment is unknown or has a bad value."""


def _setting(text: str, *, secret: bool = False) -> Meta:
    return Meta(description=text, extra={"secret": secret})


class Settings(Struct, frozen=True, kw_only=True):
    """How this OpenRTPD runs. The variable of a field `x` is RTPD_X; that of `demo` is DEMO."""

    home: Annotated[Path, _setting("Folder for all data, logs and sockets.")] = Path(".rtpd")
    database_url: Annotated[
        str | None,
        _setting("PostgreSQL to use, postgresql://...; without it one is started in the home.", secret=True),
    ] = None
    redis_url: Annotated[
        str | None,
        _setting("Redis to use, redis:// or unix://; without it one is started in the home.", secret=True),
    ] = None
    lake: Annotated[str | None, _setting("Folder of the lake's Parquet files; else `lake` in the home.")] = None
    ingest_host: Annotated[str, _setting("Address on which intake listens.")] = "127.0.0.1"
    ingest_port: Annotated[Port, _setting("Port on which intake listens.")] = 8080
    reports_host: Annotated[str, _setting("Address on which reports listen.")] = "127.0.0.1"
    reports_port: Annotated[Port, _setting("Port on which reports listen.")] = 8081
    public_url: Annotated[
        str | None,
        _setting(
            "Scheme and host by which operators and drivers reach intake, as links name it; else as it was asked."
        ),
    ] = None
    ingest_processes: Annotated[Count, _setting("Processes that take in declarations.")] = 2
    reports_processes: Annotated[Count, _setting("Processes that answer look-ups.")] = 1
    drain_workers: Annotated[Count, _setting("Processes that store what the queue holds.")] = 1
    shards: Annotated[Count, Meta(le=SHARDS_AT_MOST), _setting("Streams of the queue.")] = 1
    queue_limit: Annotated[Count, _setting("Declarations that may wait in the queue before intake answers 503.")] = (
        5_000_000
    )
    shared_buffers_mb: Annotated[Count, _setting("Shared buffers of the embedded PostgreSQL, in MB.")] = 256
    redis_memory_mb: Annotated[Count, _setting("Memory that the embedded Redis may take, in MB.")] = 4096
    lake_memory_mb: Annotated[Count, _setting("Memory that DuckDB may take in the lake's worker, in MB.")] = 512
    demo: Annotated[bool, _setting("Load demo data at the first start; 0 for none.")] = True
    demo_declarations: Annotated[Count, _setting("Declarations that the demo submits.")] = 100_000
    documents: Annotated[
        str | None,
        _setting("Files of requests: a folder, or s3://bucket/prefix; else `documents` in the home."),
    ] = None
    smtp_url: Annotated[
        str | None,
        _setting(
            "Mail server, smtp://user:password@host:port or smtps://; without it no e-mail goes out.", secret=True
        ),
    ] = None
    mail_from: Annotated[str, _setting("Sender of e-mail.")] = "OpenRTPD <noreply@localhost>"
    translation_url: Annotated[str | None, _setting("Service that translates free text by machine.")] = None
    translation_protocol: Annotated[
        Literal["libretranslate", "etranslation"], _setting("Protocol of the translation service.")
    ] = "libretranslate"
    translation_user: Annotated[str | None, _setting("User at the translation service (eTranslation).")] = None
    translation_key: Annotated[str | None, _setting("Key or password at the translation service.", secret=True)] = None
    translation_callback: Annotated[
        str | None, _setting("Address of reports' /translations as eTranslation reaches it.")
    ] = None
    api_key: Annotated[str | None, _setting("Key with which the command line submits.", secret=True)] = None
    operator_id: Annotated[str | None, _setting("Operator for whom the command line submits.")] = None
    officer_token: Annotated[str | None, _setting("Token with which the command line looks up.", secret=True)] = None
    officers_url: Annotated[
        str | None, _setting("Scheme and host by which officers reach reports; else where reports listen.")
    ] = None
    oidc_issuer: Annotated[
        str | None,
        _setting(
            "OpenID Connect issuer that knows the officers, https://...; `embedded` for our own, which the default "
            "set-up on one machine has anyway."
        ),
    ] = None
    oidc_client_id: Annotated[str | None, _setting("Under which name the issuer knows us.")] = None
    oidc_client_secret: Annotated[str | None, _setting("Secret that the issuer gave us, if any.", secret=True)] = None
    oidc_audience: Annotated[
        str | None, _setting("Audience of the issuer's tokens for the API; without it the API takes ours only.")
    ] = None
    oidc_host: Annotated[str | None, _setting("Member State of all whom the issuer knows; else the claim.")] = None
    oidc_host_claim: Annotated[str, _setting("Claim with the officer's Member State.")] = "host"
    oidc_authority_claim: Annotated[str, _setting("Claim with the code of the officer's authority.")] = "authority"
    oidc_roles_claim: Annotated[
        str, _setting("Claim with the officer's roles; a dot leads into an object, as in realm_access.roles.")
    ] = "roles"
    oidc_name_claim: Annotated[str, _setting("Claim with the officer's name.")] = "name"
    oidc_roles: Annotated[
        str | None,
        _setting("Our roles for the issuer's words, `inspector=roadside office=desk`, the first that fits counts."),
    ] = None
    private_webhooks: Annotated[
        bool, _setting("Let webhooks go to private addresses too; only inside one network.")
    ] = False
    log_level: Annotated[LogLevel, _setting("Lowest level that is logged.")] = "info"
    fail_points: Annotated[str, _setting("Places in the code that crash on purpose; for tests only.")] = ""
    debug: Annotated[bool, _setting("Show tracebacks of the command line's errors.")] = False

    @property
    def ingest_url(self) -> str:
        """Where clients on this machine reach intake."""
        return f"http://{_reachable(self.ingest_host)}:{self.ingest_port}"

    @property
    def reports_url(self) -> str:
        """Where clients on this machine reach reports."""
        return f"http://{_reachable(self.reports_host)}:{self.reports_port}"


class SettingShown(Struct, frozen=True):
    """One setting as `rtpd settings` shows it; secrets are masked."""

    name: str
    value: str | int | bool | None
    source: Literal["environment", "default"]
    description: str


_HINTS = get_type_hints(Settings, include_extras=True)
VARIABLES = {WITHOUT_PREFIX.get(name, PREFIX + name.upper()): name for name in Settings.__struct_fields__}


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads the settings; an empty variable counts as not set. The home comes back as an absolute path.

    Raises `SettingsError` with every unknown variable and bad value in one text.
    """
    values: dict[str, Any] = {}
    problems = []
    for variable, text in sorted(environment.items()):
        name = VARIABLES.get(variable)
        if name is not None and text:
            try:
                values[name] = msgspec.convert(text, _HINTS[name], strict=False, dec_hook=_decode)
            except msgspec.ValidationError as error:
                shown = "its value" if _meta(name)["secret"] else repr(text)
                problems.append(f"{variable}: {shown} does not fit ({error})")
        elif name is None and variable.startswith(PREFIX):
            close = difflib.get_close_matches(variable, VARIABLES, n=1)
            problems.append(f"{variable} is no setting" + (f"; did you mean {close[0]}?" if close else ""))
    if problems:
        raise SettingsError("; ".join(problems) + ". `rtpd settings` lists all of them.")
    values["home"] = values.get("home", Path(".rtpd")).expanduser().absolute()
    return Settings(**values)


def shown(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[SettingShown]:
    """Gives every setting with its variable, value (secrets masked), source and description."""
    return [
        SettingShown(
            variable,
            _masked(getattr(settings, name), secret=_meta(name)["secret"]),
            "environment" if environment.get(variable) else "default",
            _meta(name)["description"],
        )
        for variable, name in VARIABLES.items()
    ]


def _decode(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _meta(name: str) -> dict[str, Any]:
    metas = [part for part in get_args(_HINTS[name]) if isinstance(part, Meta) and part.description]
    return {"description": metas[0].description, **(metas[0].extra or {})}


def _masked(value: Any, *, secret: bool) -> str | int | bool | None:
    if isinstance(value, Path):
        return str(value)
    if not secret or value is None:
        return value  # type: ignore[no-any-return]
    address = urlsplit(str(value))
    if not address.scheme:
        return "***"
    if address.password is None:
        return str(value)
    netloc = address.netloc.replace(f":{address.password}@", ":***@")
    return urlunsplit(address._replace(netloc=netloc))


def _reachable(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host
