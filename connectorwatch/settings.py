"""Settings: environment variables with the prefix CONNECTORWATCH_. An unknown one or a bad value is an error."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from common import http_client
from common.errors import SettingsError
from inventory.transport_port import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "CONNECTORWATCH_"
TESTS_ONLY = frozenset({f"{PREFIX}FACTS"})

Cloud = Literal["global", "usgov", "usgov-dod", "china"]
CredentialKind = Literal[
    "default", "managed_identity", "federated", "certificate", "cli", "browser", "device_code", "token"
]
PERSONAL: frozenset[CredentialKind] = frozenset({"browser", "device_code"})
"""Credentials with which a person signs in while the command waits."""

GRAPH_ROOTS: Mapping[Cloud, str] = {
    "global": "https://graph.microsoft.com",
    "usgov": "https://graph.microsoft.us",
    "usgov-dod": "https://dod-graph.microsoft.us",
    "china": "https://microsoftgraph.chinacloudapi.cn",
}
"""Graph's roots (Graph "national cloud deployments")."""

AUTHORITIES: Mapping[Cloud, str] = {
    "global": "login.microsoftonline.com",
    "usgov": "login.microsoftonline.us",
    "usgov-dod": "login.microsoftonline.us",
    "china": "login.chinacloudapi.cn",
}

SCAN_TIMEOUT = 1200
"""Seconds that a scan may read unless a setting says otherwise."""

_INGESTION = re.compile(r"https://[a-z0-9.-]+\.ingest\.monitor\.azure\.(?:com|us|cn)/?", re.IGNORECASE)
_LOOPBACK_HTTP = re.compile(r"http://(?:127\.0\.0\.1|localhost):[0-9]{1,5}")


class Settings(BaseSettings):
    """The settings of an installation, from its environment. Secrets are never logged, printed or stored."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    _named_policy: str | None = PrivateAttr(default=None)

    tenant_id: str | None = Field(default=None, description="Tenant to scan; from the token when it is not given.")
    cloud: Cloud = Field(default="global", description="Graph root and login authority together.")
    graph_root: str | None = Field(default=None, description="Another Graph root; loopback only.")
    tenants: str | None = Field(
        default=None, description="File or blob (its https address) that lists many tenants; see docs/operations.md."
    )
    credential: CredentialKind = Field(default="default", description="Where tokens come from.")
    token_cache: bool = Field(
        default=False,
        description="With the credentials `browser` and `device_code`: keep the sign-in between runs, encrypted by the "
        "operating system; an error where it cannot.",
    )
    client_id: str | None = Field(default=None, description="Client of the credentials that need one.")
    identity_client_id: str | None = Field(
        default=None,
        description="With the credential `federated`: client of the user-assigned managed identity; the "
        "system-assigned one when it is not given.",
    )
    certificate_path: str | None = Field(default=None, description="Certificate of the credential `certificate`.")
    graph_token: SecretStr | None = Field(default=None, description="Bearer token, with the credential `token` only.")
    storage: SecretStr = Field(
        default=SecretStr("./out"),
        description="Where state, scans and reports are kept: a folder, `https://ACCOUNT.blob.core.windows.net` (with "
        "an identity), or a storage account's connection string (a secret).",
    )
    teams_webhook_url: SecretStr | None = Field(
        default=None,
        description="The address of the Teams Workflow of the route `default` (a secret). Further routes stand in the "
        "policy; see docs/operations.md.",
    )
    webhook_hosts: str = Field(
        default="",
        description="Hosts besides those of Teams Workflows that may be posted to, separated by commas; "
        "`*.example.com` is every host below that one.",
    )
    public_url: str | None = Field(
        default=None, description="Where people reach the service, for links to reports, such as `https://HOST`."
    )
    policy: str | None = Field(
        default=None, description="Policy file, or a blob (its https address); `policy.yaml` where that exists."
    )
    logs_endpoint: str | None = Field(
        default=None,
        description="Where changes are sent for Log Analytics and Sentinel: the logs ingestion endpoint of a data "
        "collection rule or endpoint; see docs/telemetry.md.",
    )
    logs_rule_id: str | None = Field(
        default=None, pattern=r"^dcr-[0-9a-zA-Z]+$", description="The immutable id of that data collection rule."
    )
    logs_stream: str = Field(
        default="Custom-ConnectorwatchChanges_CL",
        pattern=r"^Custom-[A-Za-z][A-Za-z0-9_]*$",
        description="The stream of that rule that takes the changes.",
    )
    spread_minutes: int = Field(
        default=60, ge=0, le=1380, description="Minutes over which the scheduled scans of many tenants are spread."
    )
    concurrency: int = Field(default=6, ge=1, le=20, description="Requests to Graph at a time.")
    page_limit: int = Field(default=1000, ge=1, description="The most pages of one list.")
    item_limit: int = Field(default=200_000, ge=1, description="The most records of one list.")
    answer_limit_mib: int = Field(default=64, ge=1, le=1024, description="The largest single answer, in MiB.")
    patience_seconds: float = Field(default=300, ge=0, le=3600, description="Seconds to wait for Graph, for one list.")
    scan_timeout_seconds: float = Field(
        default=SCAN_TIMEOUT,
        gt=0,
        le=86_400,
        description="Seconds that a scan may read from Graph, sign-in included; what is not read by then counts as "
        "failed, and what was read is judged. The service in the cloud takes 1500 at most.",
    )
    timeout_seconds: float = Field(default=60, gt=0, le=600, description="Seconds to wait for an answer's next bytes.")

    @field_validator("graph_root")
    @classmethod
    def _loopback_only(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            host = http_client.URL(value).host
        except http_client.InvalidURL:
            host = ""
        if host not in LOOPBACK:
            raise ValueError("another Graph root is allowed on loopback only; choose a cloud instead")
        return value.rstrip("/")

    @field_validator("logs_endpoint")
    @classmethod
    def _azure_monitor_only(cls, value: str | None) -> str | None:
        if value is None or _INGESTION.fullmatch(value) or _LOOPBACK_HTTP.fullmatch(value):
            return value
        raise ValueError("it is no address of the form https://NAME.REGION.ingest.monitor.azure.com")

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            url = http_client.URL(value)
        except http_client.InvalidURL:
            url = http_client.URL("")
        if url.scheme not in ("https", "http") or not url.host or url.query or url.fragment or url.userinfo:
            raise ValueError("it must be an address of the form https://HOST, without a key or anything else secret")
        return value.rstrip("/")

    def naming_policy(self, policy: str) -> Self:
        """Return the same settings with a policy that a person names on the command line."""
        named = self.model_copy(update={"policy": policy})
        named._named_policy = policy  # noqa: SLF001 - a copy of its own kind
        return named

    @property
    def policy_is_named(self) -> bool:
        """Whether a person named the policy on the command line, so that it may point to any file of theirs."""
        return self.policy is not None and self.policy == self._named_policy

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that the operator lists."""
        return frozenset(host.strip().lower() for host in self.webhook_hosts.split(",") if host.strip())

    @property
    def root(self) -> str:
        """The Graph root to ask."""
        return self.graph_root or GRAPH_ROOTS[self.cloud]


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment holds.

    Raises:
        SettingsError: A variable with our prefix is unknown or has a bad value; it is named, its value is not shown.
    """
    known = {name.upper() for name in Settings.model_fields}
    for name in environment:
        if not name.upper().startswith(PREFIX) or name.upper() in TESTS_ONLY:
            continue
        # The prefix is no likeness: it is left out of the comparison.
        setting = name.upper().removeprefix(PREFIX)
        if setting not in known:
            suggestions = difflib.get_close_matches(setting, sorted(known), n=1)
            hint = f" Did you mean {PREFIX}{suggestions[0]}?" if suggestions else ""
            raise SettingsError(f"The setting {name} is unknown.{hint} docs/settings.md lists all of them.")

    class FromMapping(Settings):
        """The same settings, read from the mapping given instead of the process's environment."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """Return the mapping as the only source."""
            del init_settings, env_settings, dotenv_settings, file_secret_settings
            source = EnvSettingsSource(settings_cls)
            source.env_vars = {name.lower(): value for name, value in environment.items() if value}
            return (source,)

    try:
        return FromMapping()
    except ValidationError as error:
        problems = [_problem_text(problem["loc"], problem["msg"]) for problem in error.errors(include_url=False)]
        raise SettingsError(" ".join(problems)) from None


def _problem_text(place: tuple[int | str, ...], message: str) -> str:
    """Return one problem as a sentence that names the setting and never shows its value, which may be a secret."""
    name = f"{PREFIX}{'_'.join(str(part) for part in place).upper()}"
    reason = message.removeprefix("Value error, ").partition(", unable to parse")[0]
    return f"The setting {name} has a bad value: {reason[:1].lower()}{reason[1:]}."
