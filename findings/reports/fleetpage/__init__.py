"""The fleet at a glance: index.html and fleet.csv over many tenants, from one summary a tenant and nothing else."""

from __future__ import annotations

from findings.reports.fleetpage.lines import Fleet, TenantLine
from findings.reports.fleetpage.page import render_fleet_html
from findings.reports.fleetpage.table import render_fleet_csv

__all__ = ["Fleet", "TenantLine", "render_fleet_csv", "render_fleet_html"]
