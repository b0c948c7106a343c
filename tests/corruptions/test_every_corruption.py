"""What every corruption keeps to, on every kind of data that it works on."""

from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.configuration.files import CONF, stacked_options
from src.configuration.signatures import locate, signature
from src.corruptions import Corruption
from src.errors import UserError
from src.noise import FreshNoise, IndexedNoise
from tests.conftest import compose_config
from tests.corruptions.every import CASES, MADE, SHAPES, SURE, examples, indexed, made

N = 12
every = pytest.mark.parametrize(("name", "kind"), CASES)


@every
def test_outside_training_an_example_is_corrupted_the_same_in_any_batch(name: str, kind: str) -> None:
    corruption, x = made(name, kind), examples(N, SHAPES[kind])
    whole, whole_kept = corruption(x, indexed(N))
    for part in torch.randperm(N, generator=torch.Generator().manual_seed(1)).split(5):
        corrupted, kept = corruption(x[part], IndexedNoise(0, part))
        torch.testing.assert_close(corrupted, whole[part], rtol=1e-5, atol=1e-5)
        assert kept is None or whole_kept is None or torch.equal(kept, whole_kept[part])
    assert torch.equal(corruption(x, indexed(N, seed=1))[0], whole) == (name in SURE)


@every
def test_the_same_example_is_damaged_otherwise_elsewhere_and_in_another_pass(name: str, kind: str) -> None:
    corruption, x = made(name, kind), examples(1, SHAPES[kind]).expand(N, *SHAPES[kind])
    damage = corruption(x, indexed(N))[0].flatten(1)
    assert len(damage.unique(dim=0)) == 1 if name in SURE else len(damage.unique(dim=0)) > (2 if name == "half" else 8)
    assert torch.equal(corruption(x, FreshNoise())[0], corruption(x, FreshNoise())[0]) == (name in SURE)


@every
def test_it_changes_something_but_neither_the_clean_example_nor_what_it_says_it_kept(name: str, kind: str) -> None:
    corruption, x = made(name, kind), examples(N, SHAPES[kind])
    before = x.clone()
    corrupted, kept = corruption(x, indexed(N))
    assert torch.equal(x, before)
    assert not torch.equal(corrupted, x)
    assert corrupted.isfinite().all()
    if kept is not None and name not in ("chain", "watermark"):
        assert kept.dtype == torch.bool
        assert torch.equal(corrupted[kept], x[kept])
        assert not torch.equal(corrupted[~kept], x[~kept])
        assert torch.equal(kept, kept[:, :1].expand_as(kept)) or kind == "table"


@every
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_every_type_is_corrupted_alike(name: str, kind: str, dtype: torch.dtype) -> None:
    corruption, x = made(name, kind), examples(N, SHAPES[kind]).bfloat16()
    single, kept = corruption(x.float(), indexed(N))
    other, its_kept = corruption(x.to(dtype), indexed(N))
    assert other.dtype == dtype
    assert other.shape == x.shape
    assert kept is None or torch.equal(its_kept, kept)
    near = torch.isclose(other.float(), single, rtol=0, atol=0.05)
    assert near.float().mean() > 0.99  # a count or a rounded frequency may just pass its limit


@every
def test_a_model_of_half_precision_and_autocast_change_little(name: str, kind: str) -> None:
    x = examples(N, SHAPES[kind]).bfloat16().float()
    plain = made(name, kind)(x, indexed(N))[0]
    with torch.autocast("cpu", torch.bfloat16):
        cast = made(name, kind)(x, indexed(N))[0]
    assert cast.dtype == torch.float32
    torch.testing.assert_close(cast, plain, rtol=1e-5, atol=1e-5)
    half = made(name, kind).bfloat16()(x.bfloat16(), indexed(N))[0].float()
    assert torch.isclose(half, plain, rtol=0, atol=0.05).float().mean() > 0.99


@pytest.mark.parametrize("name", MADE)
def test_it_compiles_to_one_graph(name: str) -> None:
    torch._dynamo.reset()
    kind = MADE[name][1][-1]
    corruption = made(name, kind)
    compiled = torch.compile(corruption, fullgraph=True, backend="eager")
    for n in (N, N - 5):  # the last batch of an epoch is smaller
        x = examples(n, SHAPES[kind])
        torch.manual_seed(0)
        expected, kept = corruption(x, FreshNoise())
        torch.manual_seed(0)
        found, its_kept = compiled(x, FreshNoise())
        torch.testing.assert_close(found, expected)
        assert kept is None or torch.equal(its_kept, kept)


@every
def test_nothing_of_it_goes_into_a_checkpoint(name: str, kind: str) -> None:
    assert not made(name, kind).state_dict()


REFUSED = [(name, kind) for name, (_, kinds) in MADE.items() for kind in SHAPES if kind not in kinds]


@pytest.mark.parametrize(("name", "kind"), REFUSED)
def test_data_that_it_does_not_work_on_are_refused_in_one_sentence(name: str, kind: str) -> None:
    shape = SHAPES[kind]
    with pytest.raises(UserError, match=rf"^corruption={name} .*\[{', '.join(map(str, shape))}\].*\. Use .*\.$"):
        MADE[name][0](shape).check(shape)


NEEDS_ENDS = ("salt_and_pepper", "poisson", "lines", "watermark", "jpeg")


@pytest.mark.parametrize("name", stacked_options("corruption"))
def test_a_config_names_every_dial_and_builds_what_its_file_says(name: str) -> None:
    overrides = [f"corruption={name}", "data=synthetic", "data.shape=[3,28,28]"]
    node = compose_config(overrides).corruption[name]
    kind = locate(node._target_)
    takes = signature(kind)
    assert takes is not None
    assert set(node) - {"_target_"} == set(takes.parameters)
    assert kind.config_name == name
    assert isinstance(instantiate(node, _convert_="all"), Corruption)
    unbounded = compose_config([*overrides, "data.range=null"]).corruption[name]
    if name in NEEDS_ENDS:
        with pytest.raises(
            Exception, match=rf"corruption={name} .*data\.range=null has neither\. Use corruption="
        ) as e:
            instantiate(unbounded, _convert_="all")
        assert isinstance(e.value.__cause__, UserError)
    else:
        corruption = instantiate(unbounded, _convert_="all")
        x = torch.randn(N, *((3, 28, 28) if 3 in (corruption.works_on or (3,)) else (3, 28)))
        assert corruption(x, indexed(N))[0].isfinite().all()


def test_the_tests_are_about_every_option_there_is() -> None:
    files = {file.stem for file in (CONF / "corruption").glob("*.yaml")}
    assert set(MADE) - {"chain"} == files - {"none"} == set(stacked_options("corruption"))
    for file in (CONF / "corruption").glob("*.yaml"):
        if file.stem != "none":
            assert OmegaConf.load(file)._target_.startswith("src.corruptions.")
            assert file.read_text().splitlines()[1].startswith("# ")


def test_the_table_of_contents_lists_every_file() -> None:
    import src.corruptions as package

    there = {file.name for file in Path(str(package.__file__)).parent.glob("*.py")} - {"__init__.py"}
    named = {word for word in str(package.__doc__).replace(")", " ").split() if word.endswith(".py")}
    assert named == there


@pytest.mark.parametrize("typed", [["gaussian", "blur"], ["blur", "gaussian"], ["jpeg", "masking", "blur"]])
def test_corruptions_stack_in_the_order_typed(typed: list[str]) -> None:
    for more in ("model=denoising", "experiment=restoration", f"+corruption.{typed[1]}.more=1"):
        assert list(compose_config([f"corruption=[{','.join(typed)}]", more]).corruption) == typed
