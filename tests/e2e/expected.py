"""What every rule must say of the bundled tenants, worked out by hand from the rules' catalogue and the tenant files.

Subjects carry their keys of the tenant file; `tenant` stands for the tenant itself. The policy is the repository's own,
which names one group and no people, and the time is 2026-11-20T06:00:00Z: 1.5.4522.0 is then the newest release that
Microsoft installs by itself and that has had its 60 days.
"""

from __future__ import annotations

from typing import NamedTuple

Verdict = tuple[str, str | None]
"""An outcome, and the severity of a failure."""
Table = dict[str, dict[str, Verdict]]
"""Rule id, then subject key."""

_SEVERITIES = ("critical", "high", "medium", "low", "info")


def verdicts(**subjects: str) -> dict[str, Verdict]:
    """Return verdicts by subject; a severity as the key means a failure, everything else is the outcome itself."""
    return {
        name: ("fail", word) if word in _SEVERITIES else (word.removesuffix("es"), None)
        for word, names in subjects.items()
        for name in names.split()
    }


_GROUPS = "paris london frankfurt singapore osaka new-york maintenance retired lab"
"""Every group of Contoso that is subject to rules, but for the default one."""
_ACTIVE = "def-01 def-02 par-01 par-02 lon-01 lon-02 fra-01 osa-01 osa-02 nyc-01 nyc-02 nyc-03 mnt-01 lab-01"
_OUTSIDE_OSAKA = (
    "def-01-old def-01 def-02 par-01 par-02 lon-01 lon-02 fra-01 fra-02 sin-01 sin-02 nyc-01 nyc-02 nyc-03 "
    "mnt-01 lab-01"
)
NOT_SAID = verdicts(not_assessed="tenant")
NOBODY_NAMED = verdicts(not_applicable="tenant")
NO_FIGURES = verdicts(not_applicable="tenant")
NOT_YET = verdicts(not_applicable="tenant")
"""What takes a second look."""

USERS = "breakglass-1 breakglass-2 ada bruno chloe uma tom grace hugo irene nina noah carla rhea"
"""Contoso's users with a path to a granting role at the whole tenant, but for the outsiders, Dieter and Sven."""
UNKNOWN = "mallory trudy orchestrator"
"""Two that are deleted, and one of a kind that nobody knows, who may or may not be a person."""

CONTOSO_PROXY: Table = {
    "GRP001": verdicts(
        passes="default paris london new-york",
        high="frankfurt osaka",  # one of Osaka's two connectors is too old for what the group carries
        critical="singapore",
        low="lab",
        not_applicable="maintenance retired",
    ),
    "GRP002": verdicts(
        passes="default paris osaka new-york",
        info="london",
        not_applicable="frankfurt singapore maintenance retired lab",
    ),
    "GRP003": verdicts(medium="default"),
    "GRP004": verdicts(passes=_GROUPS.replace("retired ", ""), info="retired"),
    "CON001": verdicts(passes=_ACTIVE, low="def-01-old", medium="fra-02 sin-01 sin-02"),
    "CON002": NOT_YET,
    "CON003": NOT_YET,
    "CON004": verdicts(
        passes=_OUTSIDE_OSAKA.replace("def-01-old def-01 ", "") + " osa-01 osa-02", low="def-01-old def-01"
    ),
    "CON005": NOT_YET,
    "VER001": verdicts(
        passes=_OUTSIDE_OSAKA.replace("nyc-02 ", "").replace(" lab-01", "") + " osa-01 osa-02",
        high="lab-01",
        not_assessed="nyc-02",
    ),
    "VER002": verdicts(
        passes="osa-01", high="osa-02", not_applicable=_OUTSIDE_OSAKA.replace("nyc-02 ", ""), not_assessed="nyc-02"
    ),
    "VER003": verdicts(
        passes="def-01 def-02 par-01 par-02 lon-01 lon-02 fra-01 osa-01 nyc-01 nyc-03 mnt-01",
        medium="def-01-old fra-02 sin-01 sin-02 osa-02 lab-01",
        not_assessed="nyc-02",
    ),
    # 1.5.4892.0, which has fixes too, has been out for less than half a year.
    "VER004": verdicts(
        passes="def-01 def-02 par-01 par-02 lon-01 lon-02 fra-01 osa-01 nyc-01 nyc-03 mnt-01",
        low="def-01-old fra-02 sin-01 sin-02 osa-02 lab-01",
        not_assessed="nyc-02",
    ),
    "VER005": verdicts(info="tenant"),  # nyc-03 runs a version that nobody has heard of
    "CAP001": NO_FIGURES,
}
CONTOSO_ROLES: Table = {
    "REG001": NOBODY_NAMED,
    "REG002": verdicts(passes="tenant"),
    "REG003": verdicts(passes=f"{USERS} dieter sven", high="gita marek ivo", not_assessed=UNKNOWN),
    "REG004": verdicts(
        passes=f"{USERS} dieter sven gita marek ivo",
        high="pipeline ops-agent",
        not_assessed=UNKNOWN,
    ),
    "REG005": verdicts(
        passes="bruno chloe hugo irene nina noah",
        medium="breakglass-1 breakglass-2 ada gita marek ivo dieter sven uma tom grace carla rhea",
        not_assessed=UNKNOWN,
    ),
    "REG006": verdicts(passes=f"{USERS} sven gita marek ivo", low="dieter", not_assessed=UNKNOWN),
    "REG007": verdicts(passes=f"{USERS} dieter gita marek ivo", medium="sven", not_assessed=UNKNOWN),
    "REG008": verdicts(medium="tenant"),
    "REG009": verdicts(medium="connector-operators old-connector-admins"),
    "REG010": verdicts(medium="olga otto pavel network-team"),
    "REG011": verdicts(not_applicable="tenant"),
}
_NO_WAIVERS: Table = dict.fromkeys(("POL001", "POL002"), verdicts(not_applicable="tenant"))
_POLICY_KNOWN: Table = {**_NO_WAIVERS, "POL003": verdicts(passes="Maintenance")}

CONTOSO: Table = CONTOSO_PROXY | CONTOSO_ROLES | _POLICY_KNOWN

_THREE = "breakglass lena max"
CLEAN: Table = {
    "GRP001": verdicts(passes="head-office", not_applicable="default"),
    "GRP002": verdicts(passes="head-office", not_applicable="default"),
    "GRP003": verdicts(passes="default"),
    "GRP004": verdicts(passes="head-office"),
    "CON001": verdicts(passes="hq-01 hq-02"),
    "CON002": NOT_YET,
    "CON003": NOT_YET,
    "CON004": verdicts(passes="hq-01 hq-02"),
    "CON005": NOT_YET,
    "VER001": verdicts(passes="hq-01 hq-02"),
    "VER002": verdicts(not_applicable="hq-01 hq-02"),
    "VER003": verdicts(passes="hq-01 hq-02"),
    "VER004": verdicts(passes="hq-01 hq-02"),
    "VER005": verdicts(passes="tenant"),
    "CAP001": NO_FIGURES,
    "REG001": NOBODY_NAMED,
    "REG002": verdicts(passes="tenant"),
    "REG003": verdicts(passes=_THREE),
    "REG004": verdicts(passes=_THREE),
    "REG005": verdicts(passes=_THREE),
    "REG006": verdicts(passes=_THREE),
    "REG007": verdicts(passes=_THREE),
    "REG008": verdicts(passes="tenant"),
    "REG009": verdicts(not_applicable="tenant"),
    "REG010": verdicts(not_applicable="tenant"),
    "REG011": verdicts(not_applicable="tenant"),
    **_NO_WAIVERS,
    "POL003": verdicts(low="Maintenance"),  # a group that this tenant does not have
}

CONNECTORS_DENIED: Table = {
    **dict.fromkeys(CONTOSO_PROXY, NOT_SAID),
    **CONTOSO_ROLES,
    **_NO_WAIVERS,
    "POL003": verdicts(not_assessed="Maintenance"),
}

ROLES_DENIED: Table = {**CONTOSO_PROXY, **dict.fromkeys(CONTOSO_ROLES, NOT_SAID), **_POLICY_KNOWN}

# Without P2 nobody is eligible, and an activation cannot be told from an assignment; none of that is unread.
_ACTIVE_USERS = "breakglass-1 breakglass-2 ada chloe uma tom grace irene carla rhea"
NO_P2: Table = {
    **CONTOSO,
    "REG003": verdicts(passes=f"{_ACTIVE_USERS} dieter sven", high="gita marek ivo", not_assessed="mallory"),
    "REG004": verdicts(
        passes=f"{_ACTIVE_USERS} dieter sven gita marek ivo",
        high="pipeline ops-agent",
        not_assessed="mallory",
    ),
    "REG005": verdicts(not_applicable="tenant"),
    "REG006": verdicts(passes=f"{_ACTIVE_USERS} sven gita marek ivo", low="dieter", not_assessed="mallory"),
    "REG007": verdicts(passes=f"{_ACTIVE_USERS} dieter gita marek ivo", medium="sven", not_assessed="mallory"),
    "REG010": verdicts(medium="olga"),
}

# The connectors of Paris still stand in the list of all connectors; only what they carry is unknown.
GROUP_UNREADABLE: Table = {
    **CONTOSO,
    "GRP001": CONTOSO["GRP001"] | verdicts(not_assessed="paris"),
    "GRP002": CONTOSO["GRP002"] | verdicts(not_assessed="paris"),
    "GRP004": CONTOSO["GRP004"] | verdicts(not_assessed="paris"),
    "VER002": CONTOSO["VER002"] | verdicts(not_assessed="par-01 par-02"),
}

TENANTS: dict[str, tuple[Table, int]] = {
    "contoso": (CONTOSO, 3),
    "clean": (CLEAN, 3),
    "connectors-denied": (CONNECTORS_DENIED, 3),
    "roles-denied": (ROLES_DENIED, 3),
    "no-p2": (NO_P2, 3),
    "group-unreadable": (GROUP_UNREADABLE, 3),
}
"""Each bundled tenant with its verdicts and the exit code of its scan."""


class Path(NamedTuple):
    """How somebody comes to a role: its key, how it is held, and the groups with the membership, nearest first."""

    role: str
    kind: str
    via: tuple[tuple[str, str], ...] = ()


class Registrar(NamedTuple):
    """Whether somebody can register a connector, what kind of reason speaks against it, and by which paths."""

    can_register: bool | None
    why_not: str | None
    paths: tuple[Path, ...]


_ADMIN = "application-administrator"
_ASSIGNED = Path(_ADMIN, "assigned")
_PERMANENT = Path(_ADMIN, "assigned", (("proxy-admins", "permanent"),))
_ELIGIBLE = Path(_ADMIN, "assigned", (("proxy-admins", "eligible"),))
_ACTIVATED = Path(_ADMIN, "assigned", (("proxy-admins", "activated"),))
_FED = Path(_ADMIN, "assigned", (("network-team", "permanent"), ("proxy-admins", "eligible")))
_GLOBAL = Path("global-administrator", "assigned")


def can(*paths: Path) -> Registrar:
    """Return somebody who can register."""
    return Registrar(can_register=True, why_not=None, paths=paths)


def cannot(reason: str, *paths: Path) -> Registrar:
    """Return somebody who cannot, with a word for the reason."""
    return Registrar(can_register=False, why_not=reason, paths=paths)


def unknown(reason: str, *paths: Path) -> Registrar:
    """Return somebody of whom nobody knows."""
    return Registrar(can_register=None, why_not=reason, paths=paths)


REGISTRARS: dict[str, Registrar] = {
    "breakglass-1": can(_GLOBAL),
    "breakglass-2": can(_GLOBAL),
    "ada": can(_ASSIGNED),
    "bruno": can(Path(_ADMIN, "eligible")),
    "chloe": can(Path(_ADMIN, "activated"), Path(_ADMIN, "eligible")),
    "gita": unknown("external", _ASSIGNED),
    "marek": unknown("external", _ASSIGNED),
    "ivo": can(_ASSIGNED),
    "dieter": cannot("disabled", _ASSIGNED),
    "sven": can(_ASSIGNED),
    "uma": can(_ASSIGNED),
    "tom": can(_ASSIGNED),
    "sara": cannot("scope", _ASSIGNED),
    "grace": can(_PERMANENT),
    "hugo": can(_ELIGIBLE),
    "irene": can(_ACTIVATED, _ELIGIBLE),
    "nina": can(_FED),
    "noah": can(_FED),
    "carla": can(Path("connector-operators", "assigned")),
    "rhea": can(Path("old-connector-admins", "assigned")),
    "pipeline": cannot("person", _ASSIGNED, _PERMANENT),
    "ops-agent": cannot("person", _ASSIGNED),
    "orchestrator": unknown("kind", Path(_ADMIN, "eligible")),
    "proxy-admins": cannot("group", _ASSIGNED),
    "network-team": cannot("group", _ELIGIBLE),
    "mallory": unknown("gone", _ASSIGNED),
    "trudy": unknown("gone", Path(_ADMIN, "eligible")),
}
"""Everybody in Contoso with a way to a role that can register connectors."""
