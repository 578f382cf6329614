"""Serve the schedules of schedules.yaml, or register them for a work pool.

Starts quickly: prefect is imported inside the functions.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from flows import settings
from flows.auth import FILE, login
from flows.deploy_options import parse
from flows.local_server import Server, address, local_server, prefect_home
from flows.notify import DEPLOYMENT
from flows.schedules import Schedule, read_schedules
from pipelines.catalog.messages import UserError, given
from pipelines.catalog.printable import printable

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.deployments.runner import RunnerDeployment

TAGS = ["titik-rawan"]


def deployment(
    schedules: Sequence[Schedule], flow: Flow[..., Any] | None = None, lang: str = "id"
) -> RunnerDeployment:
    """Return one deployment of the refresh flow with all schedules.

    Runs never overlap, since they would build the same release.

    Args:
        schedules: from `read_schedules`.
        flow: a flow other than `flows.refresh.refresh`; must be importable by module name.
        lang: language of the description.
    Returns:
        A deployment, not yet registered with a server.
    """
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.refresh import refresh

    never_overlap = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    made: Any = (flow or refresh).to_deployment(
        DEPLOYMENT,
        schedules=[
            Cron(s.cron, timezone=s.timezone, active=s.active, parameters=dict(s.parameters), slug=s.name)
            for s in schedules
        ],
        description="\n".join(f"- {s.name}: {given(s.title, lang)}" for s in schedules),
        tags=TAGS,
        concurrency_limit=never_overlap,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return cast("RunnerDeployment", made)


def serve_schedules(
    schedules: Sequence[Schedule], lang: str = "id", flow: Flow[..., Any] | None = None
) -> None:
    """Register the schedules with the server at `PREFECT_API_URL` and execute due runs until stopped."""
    from prefect import serve

    made = deployment(schedules, flow, lang)
    _forget_removed(made.apply(), schedules)
    # Stopping this process must not pause the schedules: they continue at the next start.
    serve(made, pause_on_shutdown=False, limit=1)


def _forget_removed(deployment_id: Any, schedules: Sequence[Schedule]) -> None:
    # Registering again adds and updates schedules by name, but does not remove those deleted from the file.
    from prefect.client.orchestration import get_client

    names = {schedule.name for schedule in schedules}
    with get_client(sync_client=True) as client:
        for kept in client.read_deployment_schedules(deployment_id):
            if kept.slug not in names:
                client.delete_deployment_schedule(deployment_id, kept.id)


def register(
    schedules: Sequence[Schedule],
    pool: str,
    root: Path,
    lang: str = "id",
    flow: Flow[..., Any] | None = None,
    entrypoint: str = "flows/refresh.py:refresh",
) -> str:
    """Register the schedules for the workers of a work pool.

    Args:
        schedules: from `read_schedules`.
        pool: name of an existing work pool whose workers see this folder (type `process`).
        root: project folder on the workers.
        lang: language of the description.
        flow, entrypoint: a flow other than the project's, and its location below `root`.
    Returns:
        Id of the deployment.
    """
    made = deployment(schedules, flow, lang)
    from prefect.runner.storage import LocalStorage

    made.entrypoint = entrypoint
    made.storage = LocalStorage(str(root))
    deployment_id = made.apply(work_pool_name=pool)
    _forget_removed(deployment_id, schedules)
    return str(deployment_id)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 done, 2 usage, 3 environment)."""
    options, say = parse(sys.argv[1:] if arguments is None else arguments)
    # Both must precede the first import of prefect, which happens when the schedules are read.
    settings.prefer("PREFECT_LOGGING_LEVEL", "INFO")
    elsewhere = os.environ.get("PREFECT_API_URL")
    api = elsewhere or address(options.port)
    try:
        if not elsewhere and not options.check:
            os.environ.update(Server(api, login(prefect_home())).client_environment)
        schedules = read_schedules(options.schedules)
        for schedule in schedules:
            _tell(
                _line(
                    schedule,
                    options.lang,
                    say("flows.deploy_active" if schedule.active else "flows.deploy_inactive"),
                )
            )
        if options.check:
            return 0
        if options.work_pool:
            with nullcontext() if elsewhere else local_server(options.port):
                register(schedules, options.work_pool, settings.find_root(), options.lang)
            _tell(say("flows.deploy_registered", pool=options.work_pool))
            return 0
        _tell(say("flows.deploy_serving", address=api.removesuffix("/api")))
        if not elsewhere:
            _tell(say("flows.deploy_login", path=prefect_home() / FILE))
        _supervise(options, None if elsewhere else options.port)
    except UserError as error:
        _tell(error.said(options.lang), sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def _tell(line: str, stream: TextIO | None = None) -> None:
    print(printable(line), file=stream or sys.stdout, flush=True)


def _supervise(options: argparse.Namespace, port: int | None) -> None:
    from flows.serving import Supervisor, runner_command

    def tell(line: Mapping[str, str] | str) -> None:
        _tell(given(line, options.lang))

    runner = runner_command(options.schedules.resolve(), options.lang)
    Supervisor(port, login(prefect_home()) if port else "", runner, tell).run()


def _line(schedule: Schedule, lang: str, state: str) -> str:
    return f"{schedule.name:16} {schedule.cron:14} {schedule.timezone:14} {state:11} {given(schedule.title, lang)}"


if __name__ == "__main__":
    # The flow is looked up by module name in a separate process, even when this project is not installed.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path(__file__).parents[1]), os.getenv("PYTHONPATH")])
    )
    sys.exit(main())
