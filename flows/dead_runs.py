"""Find runs whose process has died and mark them as crashed, so that the next one can start; report skipped
runs.

Prefect notices the death of a run only while the runner that started it is alive. After a power cut, or if
everything was killed, a run stays `Running` for ever and occupies the only slot, and every later run is
cancelled.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flows import notify
from flows.local_server import prefect_home
from pipelines.catalog.messages import Message
from pipelines.jobs.lifeline import is_alive

log = logging.getLogger(__name__)
FOLDER = "alive"
ACTIVE = ("RUNNING", "PENDING", "CANCELLING")
# A run takes its lock within seconds of its start; on a busy machine importing libraries may take minutes.
START = timedelta(minutes=10)


def locks() -> Path:
    """Return the folder with the locks of live runs."""
    return prefect_home() / FOLDER


def sweep(is_runner_gone: bool = False) -> list[str]:
    """Mark runs whose process has died as crashed, and notify.

    Args:
        is_runner_gone: no runner exists that could just be starting a run.
    Returns:
        Names of the marked runs.
    """
    from prefect.states import Crashed

    marked = []
    with _client() as client:
        for run, is_served in _runs(client, ACTIVE):
            if not _is_dead(run, is_served, is_runner_gone):
                continue
            state: Any = Crashed(message=Message("flows.run_died")[notify.language()])
            client.set_flow_run_state(run.id, state)
            (locks() / str(run.id)).unlink(missing_ok=True)
            marked.append(run.name)
            notify.record(_Named(client.read_flow(run.flow_id).name), run, state)
    return marked


def tell_skipped(since: datetime) -> list[str]:
    """Notify about runs cancelled because another was still running; returns their names."""
    told = []
    with _client() as client:
        for run, is_served in _runs(client, ("CANCELLED",)):
            if not is_served or run.run_count or run.state.timestamp < since or notify.was_told(run):
                continue
            state = run.state.model_copy(
                update={"name": "Skipped", "message": Message("flows.run_skipped")[notify.language()]}
            )
            notify.record(_Named(client.read_flow(run.flow_id).name), run, state, keep_status=True)
            told.append(run.name)
    return told


def _client() -> Any:
    """Return a client of the server; certificates, which are slow to load, are read only for a TLS server."""
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    is_plain = (get_current_settings().api.url or "").startswith("http://")
    nobody = {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}  # trusts no certificate
    return get_client(httpx_settings=nobody if is_plain else None, sync_client=True)


class _Named:
    def __init__(self, name: str) -> None:
        self.name = name


def _runs(client: Any, states: tuple[str, ...]) -> Iterator[tuple[Any, bool]]:
    """Yield runs in these states, newest first, and whether `make serve` started them (not a remote worker)."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    wanted = FlowRunFilterStateType(any_=[StateType(one) for one in states])
    found = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=wanted)),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=200,
    )
    served: dict[Any, bool] = {}
    for run in found:
        if run.deployment_id and run.deployment_id not in served:
            deployment = client.read_deployment(run.deployment_id)
            served[run.deployment_id] = (
                deployment.work_pool_name is None and deployment.name == notify.DEPLOYMENT
            )
        yield run, bool(run.deployment_id and served[run.deployment_id])


def _is_dead(run: Any, is_served: bool, is_runner_gone: bool) -> bool:
    lives = is_alive(locks(), str(run.id))
    if lives is not None:
        return not lives
    if not is_served:
        return False  # on another machine, or not ours: unknown
    began = run.start_time or run.state.timestamp
    return is_runner_gone or datetime.now(UTC) - began > START
