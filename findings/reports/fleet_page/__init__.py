"""Overview of many tenants: index.html and fleet.csv, made from one summary row for each tenant."""

from __future__ import annotations

from findings.reports.fleet_page.lines import Fleet, TenantLine
from findings.reports.fleet_page.page import render_fleet_html
from findings.reports.fleet_page.table import render_fleet_csv

__all__ = ["Fleet", "TenantLine", "render_fleet_csv", "render_fleet_html"]
