"""Configs as flat settings: what tells runs apart, and what makes no difference to what they measure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from src.comparison.foreign_text import one_line
from src.comparison.records import Run

WATCHES = (
    "seed", "data.seed", "data.root", "data.device", "data.cache", "data.workers", "data.max_memory", "logger",
    "trainer.default_root_dir", "trainer.enable_model_summary", "trainer.log_every_n_steps", "trainer.profiler",
    "callbacks.progress", "callbacks.learning_rate", "callbacks.last_checkpoint", "callbacks.reconstructions",
    "callbacks.samples", "callbacks.latent_map", "callbacks.loss_breakdown",
)  # fmt: skip
"""The seed, and settings that change where data lie or what is written, not what is measured."""
SAME_DATA = ("seed", "batch_size", "root", "device", "cache", "workers", "max_memory")
"""Keys of `data` in which runs on the same data may differ."""
OWN_FILES = ("Arrays", "Audio", "ImageFolder", "Series", "Table")
"""Data whose `root` says which data they are, not only where they lie."""


def flat(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested mappings by its dotted key; a list is one leaf, 4.0 is 4, an empty mapping is nothing."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, _one_way(node)


def _one_way(value: Any) -> Any:
    """4.0 as 4: both are typed, and mean the same."""
    if isinstance(value, list | tuple):
        return [_one_way(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def telling(run: Run) -> dict[str, Any]:
    """The run's settings without the seed and whatever makes no difference."""
    return {key: value for key, value in flat(run.config) if not any(_lies_in(key, part) for part in WATCHES)}


def data_of(run: Run) -> dict[str, Any]:
    """The settings that say which examples the run was measured on."""
    data = dict(flat(run.config.get("data", {})))
    ignored = set(SAME_DATA)
    if class_name(data.get("_target_", "")) in OWN_FILES:
        ignored.discard("root")
    return {key: value for key, value in data.items() if key.split(".")[0] not in ignored}


def differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys that are not equal in all, or not in all, in the order in which they come up."""
    keys = dict.fromkeys(key for each in settings for key in each)
    return [key for key in keys if len({fingerprint(each.get(key, _ABSENT)) for each in settings}) > 1]


def fingerprint(value: Any) -> str:
    """A text that is equal for equal plain values."""
    return json.dumps(value, sort_keys=True, default=repr)


def written(value: Any) -> str:
    """A setting as one would type it: true, null, [1,2], 0.001."""
    if isinstance(value, str):
        return one_line(value)
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value, default=str, separators=(",", ":"))


def class_name(target: Any) -> str:
    """`src.models.VariationalAutoencoder` -> `VariationalAutoencoder`."""
    return one_line(target).rpartition(".")[2]


def typed(run: Run) -> dict[str, str]:
    """What was typed, by key: "model" -> "vae", "model.beta" -> "4"; the last of one key holds."""
    pairs = (override.lstrip("+~").partition("=") for override in run.overrides)
    return {key.replace("/", ".").split("@")[-1]: value.strip("'\"") for key, _, value in pairs}


def _lies_in(key: str, part: str) -> bool:
    return key == part or key.startswith(f"{part}.")


_ABSENT = {"absent": True}  # no setting is a mapping: `flat` takes those apart
