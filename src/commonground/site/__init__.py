"""The Django site: one folder per thing that people do."""
