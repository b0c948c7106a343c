"""Three sets out of what a source has: parts that are given stay as they are, missing ones are cut from training."""

from collections.abc import Collection, Mapping
from typing import Literal

from src.data.examples import Examples
from src.errors import UserError

Part = Literal["train", "val", "test"]


def three_sets(
    given: Mapping[Part, Examples], val_fraction: float, test_fraction: float, seed: int, where: str
) -> tuple[Examples, Examples, Examples]:
    """Examples to train on, to validate on and to test on; none is empty, and nothing is copied.

    Args:
        given: the parts that there are, "train" at least.
        val_fraction: of what is not the test's, for validation.
        test_fraction: of all, for the test.
        seed: of the cuts, which are stratified by label.
        where: what the examples come from, for the message.

    Raises:
        UserError: there are too few examples, or a fraction leaves none to train on.
    """
    train = given["train"]
    cuts = [part for part in ("test", "val") if part not in given]
    if len(train.labels) <= len(cuts):
        n = len(train.labels)
        raise UserError(
            f"{where} has {n} example{'s' * (n != 1)} to train on, and {' and '.join(map(_spelt, cuts))} must be cut "
            f"from them; give {len(cuts) + 1} at least."
        )
    fractions = {"test": test_fraction, "val": val_fraction}
    check_fractions(len(train.labels), given, fractions)
    sets = dict(given)
    for part in cuts:
        sets["train"], sets[part] = sets["train"].cut(fractions[part], seed)  # type: ignore[index]
    return sets["train"], sets["val"], sets["test"]


def check_fractions(n: int, given: Collection[str], fractions: Mapping[str, float], what: str = "examples") -> None:
    """Refuse fractions that leave none of `n` examples to train on; too few to be cut at all are told by `three_sets`.

    Raises:
        UserError: the message names the fraction.
    """
    cuts = [part for part in ("test", "val") if part not in given]
    left = n
    for part in cuts:
        left -= max(1, round(left * fractions[part]))
        if left < 1 and n > len(cuts):
            raise UserError(
                f"data.{part}_fraction={fractions[part]:g} leaves none of the {n:,} {what} to train on; type less, "
                f"e.g. data.{part}_fraction=0.1."
            )


def _spelt(part: str) -> str:
    return {"val": "validation"}.get(part, part)
