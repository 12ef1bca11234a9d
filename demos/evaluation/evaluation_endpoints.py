"""Named endpoints of evaluation for programs: start, status, stop and results, as JSON."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from typing import Any

import gradio as gr

from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_plan import RunForm, job_of, own_address
from demos.i18n.translation import say_in
from demos.services import Services
from vita.errors import VitaError


def build_evaluation_endpoints(services: Services, runs: RunManager, results: RunArchive) -> None:
    """Add the endpoints to the current Blocks."""
    endpoints = EvaluationEndpoints(services, runs, results)
    gr.api(endpoints.evaluate_start)
    gr.api(endpoints.evaluate_status)
    gr.api(endpoints.evaluate_stop)
    gr.api(endpoints.evaluate_results)


class EvaluationEndpoints:
    """What a program may do; its parameters are the endpoints'."""

    def __init__(self, services: Services, runs: RunManager, results: RunArchive) -> None:
        self._services, self._runs, self._results = services, runs, results

    async def evaluate_start(
        self,
        request: gr.Request,
        tasks: str,
        limit: float = 0,
        bundled: bool = True,
        fresh: bool = False,
        password: str = "",
    ) -> str:
        """Run tasks, named with commas between, on this page's engines; returns the run's id."""
        self._let_in(request, password)
        names = tuple(name.strip() for name in tasks.split(",") if name.strip())
        form = RunForm(names, bundled=bundled, limit=limit, fresh=fresh)
        try:
            services = self._services
            job = job_of(form, services.model, services.local, services.remotes)
            return await self._runs.start(job, own_address(request))
        except VitaError as error:
            raise gr.Error(str(error), print_exception=False) from error

    async def evaluate_status(self, run: str = "") -> dict[str, Any]:
        """Where a run is, the newest by default: phase, pace, error, and each task's items, failures and score."""
        run = run or self._runs.live or next(iter(self._runs), "")
        try:
            view = await self._runs.look(run)
        except VitaError as error:
            raise gr.Error(str(error), print_exception=False) from error
        told = str(view.error) if view.error else ""
        return asdict(replace(view, error=None)) | {"error": told, "seconds_left": view.seconds_left}

    async def evaluate_stop(self, request: gr.Request, password: str = "") -> bool:
        """Stop what goes on; what is done stays done. Returns whether there was anything to stop."""
        self._let_in(request, password)
        going = self._runs.live is not None
        await self._runs.stop()
        return going

    async def evaluate_results(self, results: str = "") -> dict[str, Any]:
        """A results file as ``python -m evals`` writes it, the newest by default."""
        ids = await asyncio.to_thread(self._results.result_ids)
        if not (results or ids):
            raise gr.Error("There are no results yet: start a run first.", print_exception=False)
        try:
            return dict(self._results.result_content(results or ids[0]))
        except VitaError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def _let_in(self, request: gr.Request, password: str) -> None:
        """Raise gr.Error, which says what to do, for who may only watch and read."""
        gate = self._services.gate
        if why := gate.reason_closed(request, bool(password) and gate.check_password(password)):
            key = "wrong" if why == "password" and password else why
            language = self._services.language_of(request.headers.get("accept-language"))
            raise gr.Error(say_in(f"gate.{key}", language), print_exception=False)
