"""Commands that fix what is missing, for the way this installation signs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectorwatch.diagnosis.recognise import recognise
from connectorwatch.knowledge.loading import topic
from connectorwatch.platform.credentials import token_command
from connectorwatch.settings import AUTHORITIES

if TYPE_CHECKING:
    from connectorwatch.doctor.document import Identity
    from connectorwatch.knowledge.model import ErrorEntry
    from connectorwatch.settings import CredentialKind, Settings

COMMAND = "connectorwatch"
_ANYBODY = "OBJECT-ID"
_OTHER_THAN_CLI = (
    "Azure CLI's own tokens carry a fixed set of permissions, without {}: sign in with an identity of your own, or as "
    "a person with CONNECTORWATCH_CREDENTIAL=browser (docs/permissions.md)."
)
_AGAIN = "Then sign in again: a token holds only what was granted before it was issued."
_AS_A_PERSON = (
    "If that was done and Graph still refuses, it lets no application in: Microsoft documents these reads for people "
    "only. Then scan as a person: CONNECTORWATCH_CREDENTIAL=browser (docs/permissions.md)."
)


_BY_WHOM = "An administrator runs this with their own sign-in (CONNECTORWATCH_CREDENTIAL=cli), not the identity itself."
_GET_ANOTHER = (
    "Set CONNECTORWATCH_GRAPH_TOKEN to a new token for Graph, of this tenant and cloud: for a person it is `{}`."
)


@dataclass(frozen=True)
class Signer:
    """Whose token it is, and how it came.

    Attributes:
        identity: From the token's claims.
        credential: The setting that chose it.
        authority: The cloud's login service.
        tenant: Which one is meant.
        root: The Graph root, and the setting that sets it; empty where Graph is not queried.
    """

    identity: Identity
    credential: CredentialKind
    authority: str
    tenant: str | None = None
    root: str = ""

    @classmethod
    def of(cls, identity: Identity, settings: Settings) -> Signer:
        """Return the signer of an installation's settings."""
        tenant = settings.tenant_id or identity.tenant
        root = settings.root + (", set by CONNECTORWATCH_GRAPH_ROOT" if settings.graph_root else "")
        return cls(identity, settings.credential, AUTHORITIES[settings.cloud], tenant, root)

    @property
    def is_person(self) -> bool:
        """Whether a person signed in."""
        return self.identity.kind == "delegated"


def _grant(signer: Signer) -> tuple[str, ...]:
    return (f"{COMMAND} grant --principal {signer.identity.object_id or _ANYBODY}", _BY_WHOM, _AGAIN)


def for_permission(permission: str, signer: Signer) -> tuple[str, ...]:
    """Return how to come by a permission."""
    if not signer.is_person:
        return _grant(signer)
    if signer.credential == "cli":
        return (_OTHER_THAN_CLI.format(permission),)
    consent = (
        f"https://{signer.authority}/{signer.identity.tenant}/adminconsent?client_id={signer.identity.application}"
    )
    return (
        f"Add the delegated permission {permission} to the application.",
        f"Let an administrator consent: {consent}",
    )


def for_role(signer: Signer) -> tuple[str, ...]:
    """Return how to come by a directory role that can read connectors."""
    if signer.is_person:
        return for_person()
    return (*_grant(signer), _AS_A_PERSON)


def for_person() -> tuple[str, ...]:
    """Return which directory roles let a person read every list."""
    return (
        "Let this person be Global Reader, which covers every list of a scan.",
        "Or give them two roles: Security Reader, and a custom role with the actions in docs/permissions.md.",
    )


def refused_sign_in(text: str) -> ErrorEntry | None:
    """Return what a refusal to sign in means, by Microsoft's code in it; None where its code is not known.

    The knowledge is what `connectorwatch diagnose` answers from.
    """
    known = topic("sign_in_errors").entries
    return next((hit.error for hit in recognise(text) if hit.error in known), None)


def for_sign_in(signer: Signer, refusal: str = "") -> tuple[str, ...]:
    """Return how to come by a first token, after a refusal whose text is given."""
    if signer.credential == "token":
        return for_token(signer)
    entry = refused_sign_in(refusal)
    if entry is not None:
        return entry.steps
    return ("Sign in again, or choose another CONNECTORWATCH_CREDENTIAL (docs/settings.md).",)


def for_token(signer: Signer) -> tuple[str, ...]:
    """Return how to come by a token that Graph accepts."""
    if signer.credential == "token":
        return (_GET_ANOTHER.format(token_command(signer.tenant)),)
    return ("Sign in again, and check which tenant and which cloud the credential belongs to.",)
