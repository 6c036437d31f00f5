"""Dashboards: how a round stands now, as a page and as a stream of events."""
