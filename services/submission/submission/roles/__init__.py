"""Roles: who may do what in which programme and territory, granted here for every process."""
