"""A W&B report and a saved view of the workspace: written beside the page, and pushed where W&B is reached.

Offline both are specifications in files (`report.json`, `workspace.json`): what W&B would be sent.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from src.comparison.records import Comparison, Run
from src.comparison.report_blocks import report, workspace
from src.comparison.report_panels import Ids
from src.errors import UserError

T = TypeVar("T")


def write_report(comparison: Comparison, folder: Path, project: str | None = None, entity: str | None = None) -> str:
    """Build the report and the view, write both to `folder`, and push them where W&B is reached.

    Args:
        comparison: its runs must have been tracked by W&B; those that were not are left out.
        folder: where report.json and workspace.json go.
        project, entity: where the runs lie; None for the project that they were tracked in, and the default team.

    Returns:
        What to tell the user: where both are, or how to push them.

    Raises:
        UserError: no run was tracked by W&B, or in several projects; wandb-workspaces is missing; W&B refuses.
    """
    from src import tracking

    ids = {
        variant.name: [i for run in variant.runs if (i := tracking.run_id_of(run.folder))]
        for variant in comparison.variants
    }
    if not any(ids.values()):
        raise UserError("none of these runs was tracked by W&B, so there is nothing to report: train with logger=wandb")
    project = project or _project(comparison)
    built = _needed(lambda: _built(comparison, ids, project, entity or "", offline=True))
    for name, one in zip(("report", "workspace"), built, strict=True):
        (folder / f"{name}.json").write_text(_specification(one), encoding="utf-8")
    if not tracking.is_online():
        return (
            f"W&B report: {folder / 'report.json'}, view: {folder / 'workspace.json'}; "
            f"to push them, `wandb login`, `wandb sync` the runs, and compare again"
        )
    return _pushed(comparison, ids, project, entity)


def _built(comparison: Comparison, ids: Ids, project: str, entity: str, offline: bool) -> tuple[Any, Any]:
    return report(comparison, ids, project, entity, offline), workspace(comparison, ids, project, entity)


def _specification(built: Any) -> str:
    """What W&B is sent when the object is saved, as JSON."""
    plain = built._to_model().model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _pushed(comparison: Comparison, ids: Ids, project: str, entity: str | None) -> str:
    """Save both; whatever W&B answers, the specifications are written."""

    def push() -> str:
        page, view = _built(comparison, ids, project, entity or _default_entity(), offline=False)
        page.save()
        view.save()
        return f"W&B report: {page.url}\nW&B view: {view.url}"

    try:
        return _needed(push)
    except UserError:
        raise
    except Exception as error:  # the package raises whatever its transport does, and bare Exceptions of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"W&B did not take the report: {reason} Check the key, wandb.project={project} and wandb.entity, or set "
            "WANDB_MODE=offline to keep report.json and workspace.json alone."
        ) from error


def _default_entity() -> str:
    """The team that runs go to where none is named."""
    import wandb

    return str(wandb.Api().default_entity)


def _needed(build: Callable[[], T]) -> T:
    """What needs the package, or one sentence on how to get it."""
    try:
        return build()
    except ImportError as error:
        raise UserError(f"wandb.report=true needs wandb-workspaces: pip install wandb-workspaces ({error})") from error


def _project(comparison: Comparison) -> str:
    """The one project that the runs were tracked in."""
    found = {str(name) for variant in comparison.variants for run in variant.runs if (name := _tracked_in(run))}
    if len(found) != 1:
        told = ", ".join(sorted(found)) or "no project that their configs name"
        raise UserError(f"these runs were tracked in {told}; say which one to report on by wandb.project=")
    return found.pop()


def _tracked_in(run: Run) -> Any:
    logger = run.config.get("logger")
    node = logger.get("wandb") if isinstance(logger, dict) else None
    return node.get("project") if isinstance(node, dict) else None
