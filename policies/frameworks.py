"""Which controls of known frameworks each rule helps to show: a pass is evidence for a control, never all of it.

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

_MAPPED: dict[str, tuple[str, str, str, str]] = {
    # rule: NIST, ISO, CIS, ATT&CK
    "GRP001": ("CP-10 CP-8(2)", "A.8.14", "12.2", ""),
    "GRP002": ("CP-8(2)", "A.8.14", "12.2", ""),
    "GRP003": ("SC-7 CM-6", "A.8.9 A.8.20", "12.2", "T1557"),
    "GRP004": ("CM-8", "A.5.9 A.8.9", "1.1", ""),
    "GRP005": ("CP-10", "A.8.14", "12.2", ""),
    "CON001": ("CM-8 SI-4", "A.8.16", "12.1", ""),
    "CON002": ("CM-8 SI-4", "A.5.9 A.8.16", "1.1", ""),
    "CON003": ("CM-8(3) CM-3 AU-6", "A.8.16 A.8.32", "1.2 8.11", "T1557 T1133"),
    "CON004": ("CM-8", "A.5.9", "1.1", ""),
    "CON005": ("CM-8(3) AU-6", "A.8.15 A.8.16", "1.2 8.11", "T1557 T1133"),
    "VER001": ("SA-22 SI-2", "A.8.8", "2.2 12.1", ""),
    "VER002": ("CM-6", "A.8.9", "12.1", ""),
    "VER003": ("SI-2 SI-2(2)", "A.8.8", "7.4 12.1", ""),
    "VER004": ("SI-2", "A.8.8", "7.2 7.4", ""),
    "VER005": ("SI-2(2)", "A.8.8", "7.2", ""),
    "REG001": ("AC-2 AC-6", "A.5.18 A.8.2", "6.1 6.8", "T1078.004 T1557"),
    "REG002": ("AC-5 AC-6(5)", "A.8.2", "5.4", ""),
    "REG003": ("AC-2 IA-8", "A.5.16 A.8.2", "6.1", "T1078.004 T1199"),
    "REG004": ("AC-6(5) IA-9", "A.5.16 A.8.2", "6.8", "T1078.004"),
    "REG005": ("AC-2 AC-6(5)", "A.8.2", "5.4 6.8", "T1078.004"),
    "REG006": ("AC-2(3)", "A.5.18", "5.3 6.2", "T1078.004"),
    "REG007": ("AC-6(5)", "A.8.2", "5.4", "T1078.004"),
    "REG008": ("AC-6 AC-6(5)", "A.8.2", "5.4", ""),
    "REG009": ("AC-6 CM-6", "A.5.15 A.8.2", "6.8", "T1098.003"),
    "REG010": ("AC-5 AC-6", "A.5.18 A.8.2", "6.8", "T1098.003"),
    "REG011": ("AC-2 AU-6", "A.5.18 A.8.15", "5.1 8.11", "T1098.003"),
    "POL001": ("CA-5", "A.5.36", "7.2", ""),
    "POL002": ("CA-5", "A.5.36", "7.2", ""),
    "POL003": ("CM-6", "A.5.36", "5.1", ""),
    "CAP001": ("SC-5", "A.8.6", "12.2", ""),
    "SVC001": ("SI-4", "A.8.16", "8.11", ""),
    "SVC002": ("SI-4", "A.8.16", "8.11", ""),
    "SVC003": ("SI-4", "A.8.16", "8.11", ""),
    "SVC005": ("SI-4", "A.8.16", "8.11", ""),
}


def controls_of(rule_id: str) -> tuple[Control, ...]:
    """Return the controls that a rule helps to show, by framework; none for a rule that is not mapped."""
    lists = _MAPPED.get(rule_id, ("", "", "", ""))
    return tuple(
        Control(framework, own, _TITLES[framework][own])
        for framework, ids in zip(FRAMEWORKS, lists, strict=True)
        for own in ids.split()
    )
