"""What the jobs of a sweep need not do again in one process: loading the data, and fitting PCA to them."""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

if TYPE_CHECKING:
    from src.data import DataModule, Examples

MOST_BYTES = 2**30
"""Of loaded examples that are kept beside those of the latest configuration."""
OF_THE_RUN = ("seed", "batch_size", "device")
"""Keys of the data's config that say how a run goes through the examples, not which examples there are."""
_NOTHING = object()

Baseline = dict[str, float | str | int]


class Shared:
    """Examples and PCA's figures by the resolved config of the data, so that equal ones are had from memory.

    What is kept is what `load()` hands over, which no run changes: each has a data module of its own around it, with
    its own order of the examples. So a run in a sweep gives what it gives alone.
    """

    def __init__(self) -> None:
        self._loaded: OrderedDict[str, tuple[Any, dict[str, Any]]] = OrderedDict()
        self._baselines: dict[tuple[str, int], Baseline] = {}

    def data(self, cfg: DictConfig) -> "DataModule":
        """The data module that `cfg.data` describes; it loads when it is set up, from memory if it can."""
        from src.build import build_data

        data, key = build_data(cfg), _key(cfg)
        load = data.load

        def remembered() -> "tuple[Examples, Examples, Examples]":
            if key not in self._loaded:
                before = dict(vars(data))
                examples = load()
                # what loading taught the module: names of classes, a scale
                learned = {name: v for name, v in vars(data).items() if before.get(name, _NOTHING) is not v}
                self._loaded[key] = examples, learned
            self._loaded.move_to_end(key)
            self._forget()
            examples, learned = self._loaded[key]
            vars(data).update(learned)
            return examples

        data.load = remembered  # type: ignore[method-assign]
        return data

    def baseline(self, cfg: DictConfig, code_size: int, fitted: Callable[[], Baseline]) -> Baseline:
        """PCA's figures at this code size; `fitted` finds them where they are not known yet."""
        if cfg.data.get("binarize") == "dynamic":
            return fitted()  # the training pixels are those of the epoch that the run has reached
        key = _key(cfg), code_size
        if key not in self._baselines:
            self._baselines[key] = fitted()
        return dict(self._baselines[key])

    def _forget(self) -> None:
        """Let go of the examples that were used longest ago; the latest always stay."""
        while len(self._loaded) > 1 and sum(_bytes(e) for e, _ in list(self._loaded.values())[:-1]) > MOST_BYTES:
            self._loaded.popitem(last=False)


_latest: tuple[str, Shared] = ("", Shared())


def shared_by(sweep: str) -> Shared:
    """What the jobs of this sweep share in this process. Another sweep starts anew: files may have changed since."""
    global _latest
    if _latest[0] != sweep:
        _latest = sweep, Shared()
    return _latest[1]


def _key(cfg: DictConfig) -> str:
    plain = OmegaConf.to_container(cfg.data, resolve=True)
    assert isinstance(plain, dict)
    return json.dumps({str(k): v for k, v in plain.items() if k not in OF_THE_RUN}, sort_keys=True, default=str)


def _bytes(examples: "tuple[Examples, ...]") -> int:
    stores = {part.values.data_ptr(): part.values.numel() * part.values.element_size() for part in examples}
    return sum(stores.values())
