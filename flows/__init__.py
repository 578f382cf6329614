"""Thin Prefect wrappers around `pipelines.jobs.run`: the only place that imports prefect.

Importing anything from here first puts Prefect's environment in order (`flows.settings`), because
Prefect reads it once, at import.
"""

from . import settings

settings.apply()
