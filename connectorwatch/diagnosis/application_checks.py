"""Steps 9 and 10 of the walk: the back-end time-out, and how the application is set up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from common.cells import cut
from common.text import counted
from connectorwatch.diagnosis.subject import Case, Observation, Result, called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import Application, OnPremisesPublishing

_TIMED_OUT = frozenset({"connector-timeout", "backend-timeout"})
"""The errors by which a user's browser shows that the back end did not answer in time."""
_UNPROVEN = frozenset({"gateway-timeout", "no-active-connector"})
"""Errors that say that no connector answered: beside them a time-out of the back end is possible and no more."""
_OWN_DOMAINS = ("msappproxy.net", "msappproxy.us")
_TO_LONG = "Set the back-end application time-out to Long, in the application's additional settings."


def timeout(case: Case) -> Iterator[Observation]:
    """Step 9: does the connector wait long enough for the back end?"""
    if case.kind == "connector":
        yield Observation(result=Result.NOT_APPLICABLE, says="The time-out belongs to an application: ask with --app.")
    elif case.application is None:
        yield _timeouts(case)
    elif case.is_private(case.application):
        yield Observation(result=Result.NOT_APPLICABLE, says="Applications of Private Access have no such time-out.")
    else:
        yield _timeout(case, case.application.on_premises_publishing)


def _timeout(case: Case, publishing: OnPremisesPublishing | None) -> Observation:
    timed_out = bool(_TIMED_OUT & case.symptoms) and not _UNPROVEN & case.symptoms
    if publishing is None or publishing.application_server_timeout is None:
        return Observation(result=Result.NOT_KNOWN, says="Its back-end time-out was not told.")
    if publishing.application_server_timeout.casefold() == "long":
        more = "; the back end has to become quicker" if timed_out else ""
        return Observation(result=Result.RULED_OUT, says=f"The time-out is Long: 180 seconds, the most there is{more}.")
    if timed_out:
        return Observation(
            result=Result.CAUSE,
            says="The connector timed out, and the application waits 85 seconds only, the default.",
            steps=("First see that the user has access to the application on premises.", _TO_LONG),
        )
    return Observation(
        result=Result.SUSPECT,
        says="The time-out is the default, 85 seconds: too short if step 7 takes longer.",
        steps=(_TO_LONG,),
    )


def _timeouts(case: Case) -> Observation:
    """Return how many of a group's applications wait for the default time."""
    known = [
        application.on_premises_publishing.application_server_timeout
        for application in case.web_applications
        if application.on_premises_publishing and application.on_premises_publishing.application_server_timeout
    ]
    short = sum(value.casefold() != "long" for value in known)
    if not known and case.private_applications and not case.web_applications:
        return Observation(result=Result.NOT_APPLICABLE, says="Applications of Private Access have no such time-out.")
    if not known:
        return Observation(result=Result.NOT_KNOWN, says="The back-end time-outs of its applications were not told.")
    result = Result.SUSPECT if short else Result.RULED_OUT
    return Observation(
        result=result, says=f"{short} of {counted(len(known), 'application')} wait 85 seconds only, the default."
    )


def setup(case: Case) -> Iterator[Observation]:
    """Step 10: certificate, pre-authentication, single sign-on, of the application or of all that a group carries."""
    if case.kind == "connector":
        yield Observation(result=Result.NOT_APPLICABLE, says="This belongs to an application: ask with --app.")
        return
    for application in case.web_applications:
        of = "" if case.application is not None else f" of {called(application)}"
        publishing = application.on_premises_publishing
        if publishing is None:
            yield Observation(result=Result.NOT_KNOWN, says=f"How the application{of} is published was not told.")
        else:
            for observation in (*_certificate(case, publishing, of), *_sign_on(publishing, of)):
                if case.application is not None or observation.result is Result.CAUSE:
                    yield observation
    if case.private_applications and not case.web_applications:
        return
    yield Observation(
        result=Result.TO_RUN,
        says="What is left is the application itself: try it with a user's account, with the browser's developer tools "
        "open, and compare with what works inside.",
    )


def _certificate(case: Case, publishing: OnPremisesPublishing, of: str) -> Iterator[Observation]:
    metadata = publishing.verified_custom_domain_certificates_metadata
    host = _host(publishing.external_url)
    if metadata is None:
        if host and not host.endswith(_OWN_DOMAINS):
            says = f"The application{of} has a domain of its own, {cut(host)}, and Graph names no certificate for it."
            yield Observation(result=Result.NOT_KNOWN, says=says)
        elif host:
            yield Observation(
                result=Result.RULED_OUT, says=f"The domain{of} is Microsoft's, and so is its certificate."
            )
        return
    expires = _moment(metadata.expiry_date)
    if expires is None:
        yield Observation(
            result=Result.NOT_KNOWN, says=f"Until when the domain's certificate{of} is valid was not told."
        )
    elif expires <= case.snapshot.taken_at:
        yield Observation(
            result=Result.CAUSE,
            says=f"The certificate of the custom domain{of} expired on {expires:%Y-%m-%d}; browsers refuse it.",
            steps=("Upload a new certificate with its key, on the application's Application proxy page.",),
        )
    else:
        yield Observation(
            result=Result.RULED_OUT, says=f"The domain's certificate{of} is valid until {expires:%Y-%m-%d}."
        )


def _sign_on(publishing: OnPremisesPublishing, of: str) -> Iterator[Observation]:
    settings = publishing.single_sign_on_settings
    passes = (publishing.external_authentication_type or "").casefold() == "passthru"
    kerberos = settings is not None and (settings.single_sign_on_mode or "").casefold() == "onpremiseskerberos"
    spn = settings.kerberos_sign_on_settings if settings else None
    if kerberos and passes:
        yield Observation(
            result=Result.CAUSE,
            says=f"Single sign-on{of} uses Kerberos, with pass-through pre-authentication: nobody to ask a ticket for.",
            steps=("Set pre-authentication to Microsoft Entra ID.",),
        )
    elif kerberos and not (spn and spn.kerberos_service_principal_name):
        yield Observation(
            result=Result.CAUSE,
            says=f"Single sign-on{of} uses Kerberos, and no internal application SPN is set (event 13020).",
            steps=("Enter the SPN of the back end in the application's single sign-on settings.",),
        )
    elif passes:
        says = "Pre-authentication is pass-through: the application itself has to sign users in."
        yield Observation(result=Result.SUSPECT, says=says)
    else:
        yield Observation(
            result=Result.RULED_OUT, says="Pre-authentication and single sign-on do not contradict each other."
        )


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:  # brackets that are no address
        return None


def _moment(text: str | None) -> datetime | None:
    """Return a moment that Graph wrote, in UTC, or None where it is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def internal_urls(applications: tuple[Application, ...]) -> tuple[str, ...]:
    """Return the internal addresses of applications, as far as they were told."""
    urls = (
        application.on_premises_publishing.internal_url
        for application in applications
        if application.on_premises_publishing
    )
    return tuple(url for url in urls if url)
