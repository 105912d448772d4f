"""The frameworks whose controls rules name, with the titles of those controls.

A rule's pass is evidence for its controls, never proof of a whole control.

Numbers and titles are those of NIST SP 800-53 rev. 5, ISO/IEC 27001:2022 Annex A, CIS Controls v8 and MITRE ATT&CK,
compared with public copies on 2026-11-20. The mapping is ours.
"""

from __future__ import annotations

from typing import NamedTuple

NIST, ISO, CIS, ATTACK = "NIST SP 800-53 rev. 5", "ISO/IEC 27001:2022", "CIS Controls v8", "MITRE ATT&CK"
FRAMEWORKS = (NIST, ISO, CIS, ATTACK)


class Control(NamedTuple):
    """One control, or for ATT&CK one technique, of a framework."""

    framework: str
    id: str
    name: str


_TITLES: dict[str, dict[str, str]] = {
    NIST: {
        "AC-2": "Account Management",
        "AC-2(3)": "Disable Accounts",
        "AC-5": "Separation of Duties",
        "AC-6": "Least Privilege",
        "AC-6(5)": "Privileged Accounts",
        "AU-6": "Audit Record Review, Analysis, and Reporting",
        "CA-5": "Plan of Action and Milestones",
        "CM-3": "Configuration Change Control",
        "CM-6": "Configuration Settings",
        "CM-8": "System Component Inventory",
        "CM-8(3)": "Automated Unauthorized Component Detection",
        "CP-8(2)": "Single Points of Failure",
        "CP-10": "System Recovery and Reconstitution",
        "IA-8": "Identification and Authentication (Non-organizational Users)",
        "IA-9": "Service Identification and Authentication",
        "SA-22": "Unsupported System Components",
        "SC-5": "Denial-of-service Protection",
        "SC-7": "Boundary Protection",
        "SI-2": "Flaw Remediation",
        "SI-2(2)": "Automated Flaw Remediation Status",
        "SI-4": "System Monitoring",
    },
    ISO: {
        "A.5.9": "Inventory of information and other associated assets",
        "A.5.15": "Access control",
        "A.5.16": "Identity management",
        "A.5.18": "Access rights",
        "A.5.36": "Compliance with policies, rules and standards for information security",
        "A.8.2": "Privileged access rights",
        "A.8.6": "Capacity management",
        "A.8.8": "Management of technical vulnerabilities",
        "A.8.9": "Configuration management",
        "A.8.14": "Redundancy of information processing facilities",
        "A.8.15": "Logging",
        "A.8.16": "Monitoring activities",
        "A.8.20": "Networks security",
        "A.8.32": "Change management",
    },
    CIS: {
        "1.1": "Establish and Maintain Detailed Enterprise Asset Inventory",
        "1.2": "Address Unauthorized Assets",
        "2.2": "Ensure Authorized Software is Currently Supported",
        "5.1": "Establish and Maintain an Inventory of Accounts",
        "5.3": "Disable Dormant Accounts",
        "5.4": "Restrict Administrator Privileges to Dedicated Administrator Accounts",
        "6.1": "Establish an Access Granting Process",
        "6.2": "Establish an Access Revoking Process",
        "6.8": "Define and Maintain Role-Based Access Control",
        "7.2": "Establish and Maintain a Remediation Process",
        "7.4": "Perform Automated Application Patch Management",
        "8.11": "Conduct Audit Log Reviews",
        "12.1": "Ensure Network Infrastructure is Up-to-Date",
        "12.2": "Establish and Maintain a Secure Network Architecture",
    },
    ATTACK: {
        "T1040": "Network Sniffing",
        "T1078.004": "Valid Accounts: Cloud Accounts",
        "T1098.003": "Account Manipulation: Additional Cloud Roles",
        "T1133": "External Remote Services",
        "T1199": "Trusted Relationship",
        "T1557": "Adversary-in-the-Middle",
    },
}


def controls(*, nist: str, iso: str, cis: str, attack: str = "") -> tuple[Control, ...]:
    """Return the controls with these ids, in the order of `FRAMEWORKS`; each argument holds ids separated by spaces.

    Raises:
        KeyError: An id has no title here; add it to `_TITLES` as its framework writes it.
    """
    ids = zip(FRAMEWORKS, (nist, iso, cis, attack), strict=True)
    return tuple(Control(framework, key, _TITLES[framework][key]) for framework, keys in ids for key in keys.split())
