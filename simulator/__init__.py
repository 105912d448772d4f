"""A Microsoft Graph on loopback, made from a tenant file and as awkward as the real one."""

from simulator.faults import Fault, FaultKind, Throttle
from simulator.journal import RequestRecord
from simulator.loading import DEMO_POLICY, TENANTS, TenantFileError, load_tenant
from simulator.scale import large_tenant
from simulator.server import Simulator
from simulator.tenant import Tenant

__all__ = [
    "DEMO_POLICY",
    "TENANTS",
    "Fault",
    "FaultKind",
    "RequestRecord",
    "Simulator",
    "Tenant",
    "TenantFileError",
    "Throttle",
    "large_tenant",
    "load_tenant",
]
