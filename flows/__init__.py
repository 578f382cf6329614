"""Thin Prefect wrappers around `pipelines.jobs.run`: the only package that imports prefect.

Importing anything from here first sets Prefect's environment (`flows.settings`), because Prefect reads it once,
at import.
"""

from . import settings

settings.apply()
