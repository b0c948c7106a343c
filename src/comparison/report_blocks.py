"""What a W&B report and a workspace view are made of: a run set a variant, the panels, the table."""

import re
from typing import Any

from src.comparison.records import Comparison
from src.comparison.report_panels import Ids, colours, grouped_by, sections
from src.comparison.tables import heads, lines

SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+!|~&:-]")
"""What means something to Markdown."""


def report(comparison: Comparison, ids: Ids, project: str, entity: str, offline: bool) -> Any:
    """A run set a variant, which the panels show as one line with its band, and as one bar.

    A run set that names its project is looked up on W&B, so `offline` none does.
    """
    import wandb_workspaces.reports.v2 as wr
    from wandb_workspaces import expr

    shades = colours(comparison, ids)
    sets = [
        wr.Runset(
            name=name,
            project="" if offline else project,
            entity="" if offline else entity,
            filters=[expr.Metric("ID").isin(list(of_variant))],
            groupby=["config.model._target_"],
            run_settings={run_id: wr.RunSettings(color=shades[run_id]) for run_id in of_variant},
        )
        for name, of_variant in ids.items()
        if of_variant
    ]
    blocks: list[Any] = [wr.P(comparison.data), wr.MarkdownBlock(_table(comparison))]
    for heading, panels in sections(comparison).items():
        blocks += [wr.H2(heading), wr.PanelGrid(runsets=sets, panels=panels)]
    told: list[Any] = [*comparison.notes, *_left_out(comparison, ids)]
    blocks += [wr.H2("Notes"), wr.UnorderedList(items=told)] if told else []
    return wr.Report(project=project, entity=entity, title=_title(comparison), blocks=blocks, width="fluid")


def workspace(comparison: Comparison, ids: Ids, project: str, entity: str) -> Any:
    """The view: the same panels, over these runs alone, grouped by what tells the variants apart."""
    import wandb_workspaces.workspaces as ws
    from wandb_workspaces import expr

    return ws.Workspace(
        entity=entity,
        project=project,
        name=_title(comparison),
        sections=[ws.Section(name=h, panels=panels, is_open=True) for h, panels in sections(comparison).items()],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=max(10, len(comparison.variants))),
        runset_settings=ws.RunsetSettings(
            filters=[expr.Metric("ID").isin([run_id for of_variant in ids.values() for run_id in of_variant])],
            groupby=[expr.Config(key) for key in grouped_by(comparison.variants)],
            run_settings={i: ws.RunSettings(color=shade) for i, shade in colours(comparison, ids).items()},
            pinned_columns=[f"summary:{metric.key}" for metric in comparison.metrics],
        ),
    )


def _title(comparison: Comparison) -> str:
    data = comparison.data.partition(":")[0] or "comparison"
    return f"{data[:60]}: {len(comparison.variants)} variants, {sum(len(v.runs) for v in comparison.variants)} runs"


def _table(comparison: Comparison) -> str:
    """The table as Markdown, in which no name of a run can be anything but text."""
    rows = [["variant", "runs", *heads(comparison)], ["---", *["---:"] * (len(comparison.metrics) + 1)]]
    for line in lines(comparison):
        marked = [f"{entry.mean} {entry.spread} {entry.rank}".strip() for entry in line.entries]
        rows.append([SPECIAL.sub(r"\\\g<0>", line.name), str(line.runs or ""), *marked])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _left_out(comparison: Comparison, ids: Ids) -> list[str]:
    """A sentence for each folder that is not compared, and for each variant some of whose runs W&B does not have."""
    missing = {variant.name: len(variant.runs) - len(ids[variant.name]) for variant in comparison.variants}
    untracked = [f"{name}: {count} of its runs were not tracked by W&B." for name, count in missing.items() if count]
    return [*(f"Left out: {folder}: {reason}" for folder, reason in comparison.left_out), *untracked]
