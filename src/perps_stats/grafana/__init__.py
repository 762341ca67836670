"""Dashboards for those who run Grafana, and what tells Grafana where the data is.

``model`` is what a dashboard is made of, ``panels`` the kinds there are, ``asking`` what they ask;
each dashboard is a module. ``export`` writes all of it as Grafana's provisioning reads it.
"""

from perps_stats.grafana.export import DASHBOARDS, Sources, export

__all__ = ["DASHBOARDS", "Sources", "export"]
