"""The ten steps on tenants made by hand: what is proven, what is possible, what is not known, what is to be run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectorwatch.diagnosis.evidence import case_of
from connectorwatch.diagnosis.subject import Result
from connectorwatch.diagnosis.walk import walk
from inventory.models import CustomDomainCertificate, KerberosSignOn, SingleSignOn
from policies.memory import Memory
from tests.inventory.snapshots import at, looks
from tests.knowledge.walking import PARIS, case, published, says
from tests.making import (
    UNSUPPORTED,
    application,
    blind,
    connector,
    evidence,
    group,
    holds,
    snapshot,
    tagged,
    unread,
)


def test_nothing_wrong() -> None:
    """With everything known and well, no cause, nothing possible, and all else is ruled out or to run."""
    walked = walk(case(published()))

    assert (walked.cause, walked.remaining) == (None, ())
    assert says(walked, Result.SUSPECT) == says(walked, Result.NOT_KNOWN) == []
    assert says(walked, Result.RULED_OUT) == [
        (1, "It is carried by connector group Paris (eur)."),
        (2, "2 of 2 connectors of group Paris are active."),
        (2, "The versions of its active connectors can carry it."),
        (9, "The time-out is Long: 180 seconds, the most there is."),
        (10, "The domain is Microsoft's, and so is its certificate."),
        (10, "Pre-authentication and single sign-on do not contradict each other."),
    ]
    assert [step for step, _ in says(walked, Result.TO_RUN)] == [3, 4, 5, 6, 7, 8, 10]


@pytest.mark.parametrize(
    ("fields", "result", "step", "words"),
    [
        ({"application_server_timeout": "Default"}, Result.SUSPECT, 9, "The time-out is the default, 85 seconds"),
        ({"application_server_timeout": None}, Result.NOT_KNOWN, 9, "Its back-end time-out was not told."),
        ({"application_type": "nonwebapp"}, Result.NOT_APPLICABLE, 9, "Applications of Private Access have no such"),
        ({"external_authentication_type": "passthru"}, Result.SUSPECT, 10, "Pre-authentication is pass-through"),
        ({"external_url": "https://pay.contoso.com/"}, Result.NOT_KNOWN, 10, "The application has a domain of its own"),
        (
            {"verified_custom_domain_certificates_metadata": CustomDomainCertificate(expiry_date="soon")},
            Result.NOT_KNOWN,
            10,
            "Until when the domain's certificate is valid was not told.",
        ),
        (
            {
                "verified_custom_domain_certificates_metadata": CustomDomainCertificate(
                    expiry_date="2027-01-01T00:00:00"
                )
            },
            Result.RULED_OUT,
            10,
            "The domain's certificate is valid until 2027-01-01.",
        ),
        (
            {
                "verified_custom_domain_certificates_metadata": CustomDomainCertificate(
                    expiry_date="2026-11-20T07:00:00+01:00"
                )
            },
            Result.CAUSE,
            10,
            "The certificate of the custom domain expired on 2026-11-20; browsers refuse it.",
        ),
        ({"is_on_prem_publishing_enabled": False}, Result.CAUSE, 1, "The application is not published"),
        (
            {"single_sign_on_settings": SingleSignOn(single_sign_on_mode="onPremisesKerberos")},
            Result.CAUSE,
            10,
            "Single sign-on uses Kerberos, and no internal application SPN is set",
        ),
    ],
)
def test_how_it_is_published(fields: dict[str, Any], result: Result, step: int, words: str) -> None:
    """Each setting of an application comes out as proven, possible, ruled out or not known, at its step."""
    found = says(walk(case(published(**fields))), result)

    assert [number for number, sentence in found if sentence.startswith(words)] == [step]


def test_kerberos_with_spn() -> None:
    """Kerberos with an SPN and pre-authentication is in order."""
    settings = SingleSignOn(
        single_sign_on_mode="OnPremisesKerberos",
        kerberos_sign_on_settings=KerberosSignOn(kerberos_service_principal_name="http/pay"),
    )

    assert walk(case(published(single_sign_on_settings=settings))).cause is None


@pytest.mark.parametrize("url", ["https://[::1/", "", None])
def test_odd_addresses(url: str | None) -> None:
    """An address that is none proves nothing and breaks nothing."""
    walked = walk(case(published(external_url=url, internal_url=url)))

    assert walked.cause is None
    assert [sentence for _, sentence in says(walked, Result.RULED_OUT) if "domain" in sentence] == []


def test_not_told_how_it_is_published() -> None:
    """An application of which Graph tells nothing is not known in steps 9 and 10, and nothing there is ruled out."""
    silent = published().model_copy(update={"on_premises_publishing": None})

    walked = walk(case(silent))

    assert [step for step, _ in says(walked, Result.NOT_KNOWN)] == [9, 10]
    assert {step for step, _ in says(walked, Result.RULED_OUT)} == {1, 2}


def test_symptom_makes_the_cause() -> None:
    """A time-out that was seen makes the default time-out the cause; Long is ruled out even then."""
    timed_out = frozenset({"connector-timeout"})

    short = walk(replace(case(published(application_server_timeout="default")), symptoms=timed_out))
    long = walk(replace(case(published()), symptoms=timed_out))

    assert short.cause is not None
    assert short.cause.says.startswith("The connector timed out, and the application waits 85 seconds only")
    assert (9, "The time-out is Long: 180 seconds, the most there is; the back end has to become quicker.") in says(
        long, Result.RULED_OUT
    )


def test_one_connector_left() -> None:
    """One active connector carries, with the remark that nothing is left if it fails."""
    walked = walk(case(members=(connector("PAR01"), connector("PAR02", status="inactive"))))

    assert (2, "1 of 2 connectors of group Paris is active; nothing is left if it fails.") in says(
        walked, Result.RULED_OUT
    )
    assert walked.cause is None


def test_versions() -> None:
    """An unsupported version is possible, one not told is not known, one too old for Private Access is the cause."""
    unsupported = walk(case(members=(connector("PAR01", version=UNSUPPORTED), connector("PAR02"))))
    untold = walk(case(members=(connector("PAR01", version=None),)))
    private = walk(case(published(application_type="nonwebapp"), members=(connector("PAR01", version=UNSUPPORTED),)))

    assert says(unsupported, Result.SUSPECT) == [
        (2, "Microsoft supports no version up to 1.5.612.0: PAR01 (active, 1.5.612.0).")
    ]
    assert says(untold, Result.NOT_KNOWN) == [(2, "Not every active connector tells its version.")]
    assert private.cause is not None
    assert private.cause.says.startswith("Private Access needs version 1.5.3417.0")


def test_private_access_not_known() -> None:
    """Whether an old connector has to carry Private Access is not known where the tags were not read."""
    seen = snapshot(
        {PARIS: holds(connector("PAR01", version="1.5.2846.0"), apps=(published(),))}, private_access=unread()
    )

    walked = walk(case_of(evidence(seen), "application", "Payroll"))

    assert says(walked, Result.NOT_KNOWN) == [(2, "Whether Private Access goes through this group was not read.")]


def test_private_access_by_its_tag() -> None:
    """A tag of the service principal makes an application one of Private Access."""
    app = published()
    seen = snapshot(
        {PARIS: holds(connector("PAR01", version="1.5.2846.0"), apps=(app,))}, private_access=(tagged(app),)
    )

    assert walk(case_of(evidence(seen), "application", "Payroll")).cause is not None


def test_quick_access_in_another_region() -> None:
    """Quick Access through another region than the default group's is possible trouble."""
    home = group("Default", default=True, region="nam")
    seen = snapshot({home: holds(), PARIS: holds(connector(), apps=(published(application_type="quickaccessapp"),))})

    found = says(walk(case_of(evidence(seen), "application", "Payroll")), Result.SUSPECT)

    assert found[0][1].startswith("Quick Access goes through region eur and the default group is in nam")


def test_unread_groups() -> None:
    """An application of Private Access is in no group for sure only where all lists were read."""
    lone = tagged(application("Remote desktop"))
    read = snapshot({PARIS: holds()}, private_access=(lone,))
    some = snapshot({PARIS: holds(apps=unread())}, private_access=(lone,))
    none = blind().model_copy(update={"private_access": read.private_access})

    walks = [walk(case_of(evidence(seen), "application", "Remote desktop")) for seen in (read, some, none)]

    assert walks[0].cause is not None
    assert [walked.cause for walked in walks[1:]] == [None, None]
    assert [says(walked, Result.NOT_KNOWN)[0] for walked in walks[1:]] == [
        (1, "Its group is not known, since not all was read. Graph said denied.")
    ] * 2
    assert says(walks[1], Result.NOT_KNOWN)[1] == (2, "Which connectors carry it is not known.")


def test_connector() -> None:
    """An active connector has its group, its version and what it carries ruled out; time-outs are not its matter."""
    walked = walk(case(kind="connector", name="par01"))

    assert walked.cause is None
    assert says(walked, Result.RULED_OUT)[:2] == [
        (1, "It belongs to connector group Paris (eur)."),
        (1, "The group carries 1 application."),
    ]
    assert [step for step, _ in says(walked, Result.NOT_APPLICABLE)] == [9, 10]
    assert walked.servers == "PAR01"


def test_connector_in_no_group() -> None:
    """A connector that no group holds is named so, where all groups were read."""
    seen = snapshot({PARIS: holds()}, connectors=(connector("LONE"),))

    walked = walk(case_of(evidence(seen), "connector", "LONE"))

    assert walked.cause is not None
    assert walked.cause.says == "No connector group holds it."


def test_inactive_connector_says_since_when() -> None:
    """An inactive connector is told with the scan that first showed it so, and twins that are unread prove nothing."""
    seen = snapshot({PARIS: holds(connector("PAR01", status="inactive"), apps=(published(),))})
    told = evidence(at(seen, 2), memory=Memory(inventory=looks(seen, seen)))

    walked = walk(case_of(told, "connector", "PAR01"))

    assert walked.cause is not None
    assert walked.cause.says == (
        "The connector is inactive since 2026-11-20 06:00 UTC or before: without contact it carries nothing."
    )
    half = seen.model_copy(update={"connectors": unread("connectors")})
    assert walk(case_of(evidence(half), "connector", "PAR01")).cause is not None


def test_group() -> None:
    """A group is walked with all its applications: the expired certificate among them is named with its application."""
    expired = CustomDomainCertificate(expiry_date="2026-01-01T00:00:00Z")
    apps = (
        published("Good"),
        published("Silent").model_copy(update={"on_premises_publishing": None}),
        published("Bad", verified_custom_domain_certificates_metadata=expired, application_server_timeout="Default"),
    )

    walked = walk(case(*apps, kind="group", name="Paris"))

    assert walked.cause is not None
    assert walked.cause.says == "The certificate of the custom domain of Bad expired on 2026-01-01; browsers refuse it."
    assert says(walked, Result.SUSPECT) == [(9, "1 of 2 applications wait 85 seconds only, the default.")]
    assert says(walked, Result.NOT_KNOWN) == [(10, "How the application of Silent is published was not told.")]


def test_group_of_which_little_is_known() -> None:
    """A group whose lists were not read is not known, in both steps, and its time-outs neither."""
    seen = snapshot({PARIS: holds(members=unread(), apps=unread())})

    walked = walk(case_of(evidence(seen), "group", "Paris"))

    assert [step for step, _ in says(walked, Result.NOT_KNOWN)] == [1, 2, 9]
    assert says(walked, Result.RULED_OUT) == [(1, "This is connector group Paris (eur).")]
