"""Strengths that follow a schedule: at its start, on the way, at its end, compiled, and in training."""

import math
from pathlib import Path

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from src.contracts import Batch
from src.corruptions import (
    Background,
    Blur,
    Chain,
    Corruption,
    Gaps,
    GaussianNoise,
    Jpeg,
    Lines,
    Masking,
    Patches,
    PoissonNoise,
    SaltAndPepper,
    Speckle,
    Watermark,
)
from src.corruptions.strength import Strength
from src.errors import UserError
from src.models import DenoisingAutoencoder
from src.noise import FreshNoise
from src.run_folder import open_run
from src.schedules import Cyclic, Linear, Schedule, Steps
from tests.conftest import NO_PICTURES, TINY, run
from tests.corruptions.every import RANGE, examples, indexed
from tests.small_models import parts

IMAGE, SERIES = (1, 16, 16), (2, 40)
DIALS = {
    "gaussian": (lambda v: GaussianNoise(v, RANGE), 0.1, 0.5, IMAGE),
    "masking": (lambda v: Masking(v, RANGE), 0.1, 0.5, IMAGE),
    "salt_and_pepper": (lambda v: SaltAndPepper(v, RANGE), 0.1, 0.5, IMAGE),
    "poisson": (lambda v: PoissonNoise(v, RANGE), 100.0, 5.0, IMAGE),
    "speckle": (lambda v: Speckle(v, RANGE), 0.1, 0.5, IMAGE),
    "blur": (Blur, 0.5, 2.5, IMAGE),
    "patches": (lambda v: Patches(2, RANGE, v), 1, 7, IMAGE),
    "lines": (lambda v: Lines(2, RANGE, v), 1.0, 4.0, IMAGE),
    "watermark": (lambda v: Watermark(list(IMAGE), RANGE, opacity=v), 0.25, 1.0, IMAGE),
    "jpeg": (lambda v: Jpeg(v, RANGE), 90, 10, IMAGE),
    "background": (Background, 20.0, 0.0, SERIES),
    "gaps": (lambda v: Gaps(2, RANGE, v), 1, 9, SERIES),
}


@pytest.mark.parametrize(("make", "start", "end", "shape"), DIALS.values(), ids=DIALS)
def test_every_strength_takes_a_schedule(
    make: type[Corruption], start: float, end: float, shape: tuple[int, ...]
) -> None:
    scheduled, x = make(Linear(start, end)), examples(9, shape)
    scheduled.check(shape)
    assert scheduled.scheduled
    assert not make(end).scheduled
    assert scheduled.progress == 1
    assert not scheduled.state_dict()
    middle = (start + end) / 2
    for progress, value in ((None, end), (0.0, start), (0.5, middle), (1.0, end)):
        if progress is not None:
            scheduled.progress = progress
        found, wanted = scheduled(x, indexed(9)), make(value)(x, indexed(9))
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("make", "start", "end", "shape"), DIALS.values(), ids=DIALS)
def test_a_compiled_pass_is_compiled_once_for_all_of_a_schedule(
    make: type[Corruption], start: float, end: float, shape: tuple[int, ...]
) -> None:
    torch._dynamo.reset()
    counter = CompileCounter()
    chain, x = Chain([make(Linear(start, end))]), examples(9, shape)
    compiled = torch.compile(chain, fullgraph=True, backend=counter)
    seen = []
    for progress in (0.0, 0.25, 0.5, 0.75, 1.0):
        chain.progress = progress
        torch.manual_seed(0)
        seen.append(compiled(x, FreshNoise())[0])
        torch.manual_seed(0)
        torch.testing.assert_close(seen[-1], chain(x, FreshNoise())[0])
    assert counter.frame_count == 1
    assert not torch.equal(seen[0], seen[-1])


def test_a_number_stays_a_number_and_whole_ones_are_rounded() -> None:
    assert Strength("dial", 0.3).now == 0.3
    strength = Strength("dial", Linear(1, 4), whole=True)
    for progress, wanted in ((0.0, 1), (0.4, 2), (0.6, 3), (1.0, 4)):
        strength.follow(progress)
        assert strength.now == wanted


def test_a_chain_tells_each_of_its_links() -> None:
    inner = GaussianNoise(Linear(0.0, 0.4), RANGE)
    chain = Chain([Masking(0.1, RANGE), Chain([inner])])
    assert chain.scheduled
    chain.progress = 0.25
    assert chain.progress == inner.progress == 0.25
    assert float(inner.std.now) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Linear(0.5, 1.5), "runs from 0.5 to 1.5, but it must always be between 0 and 1"),
        (Linear(-0.1, 0.5), "runs from -0.1 to 0.5"),
        (Steps(at=[0.5], factor=3.0, start=0.5), "runs from 0.5 to 1.5"),
        (Cyclic(0.2, 1.2), "runs from 0.2 to 1.2"),
        (1.2, "is 1.2, but"),
        (math.nan, "is nan, but it must always be finite"),
        (Linear(0.5, math.inf), "follows a schedule that does not stay finite, but it must"),
    ],
)
def test_a_schedule_that_leaves_the_range_is_refused(schedule: Schedule | float, words: str) -> None:
    with pytest.raises(UserError, match=rf"^corruption\.masking\.fraction {words}"):
        Masking(schedule, RANGE)


@pytest.mark.parametrize("make", [DIALS[name][0] for name in DIALS], ids=DIALS)
@pytest.mark.parametrize("strength", [math.nan, math.inf, -math.inf], ids=str)
def test_no_strength_is_without_end(make: type[Corruption], strength: float) -> None:
    with pytest.raises(UserError, match=rf"^corruption\.\w+\.\w+ is {strength:g}, but it must always be finite\."):
        make(strength)


def test_noise_beyond_what_a_number_holds_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"^corruption\.background\.snr is -1e\+09, but it must always be -200 or more\."
    ):
        Background(-1e9)
    x = examples(9, SERIES)
    assert Background(-200.0)(x, indexed(9))[0].isfinite().all()


def test_strengths_that_divide_must_not_reach_zero_and_sizes_must_fit_at_their_largest() -> None:
    with pytest.raises(UserError, match=r"poisson\.photons runs from 10 to 0, but it must always be above 0\. Use"):
        PoissonNoise(Linear(10.0, 0.0), RANGE)
    with pytest.raises(UserError, match=r"jpeg\.quality runs from 0 to 50, but it must always be between 1 and 100"):
        Jpeg(Linear(0, 50), RANGE)
    Patches(1, RANGE, Linear(1, 8)).check((1, 8, 8))
    with pytest.raises(UserError, match=r"patches\.size=9 is more"):
        Patches(1, RANGE, Linear(9, 2)).check((1, 8, 8))


def test_a_model_hands_its_progress_on_and_refuses_what_a_corruption_refuses() -> None:
    corruption = Chain([GaussianNoise(Linear(0.0, 1.0), None)])
    model = DenoisingAutoencoder(latent_dim=2, **parts(corruption=corruption)).eval()
    assert model.scheduled
    x = torch.rand(4, 2, 3, 4)
    batch = Batch(x, torch.full((4,), -1), torch.arange(4))
    model.on_progress(0.0)
    assert torch.equal(model(batch).seen, x)
    model.on_progress(1.0)
    assert not torch.equal(model(batch).seen, x)
    assert not DenoisingAutoencoder(latent_dim=2, **parts(corruption=Chain([Blur(1.0)]))).scheduled
    with pytest.raises(UserError, match="corruption=gaps works on series"):
        DenoisingAutoencoder(latent_dim=2, **parts(corruption=Chain([Gaps(1, RANGE)])))


def test_in_training_a_schedule_runs_and_a_reopened_run_stands_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    follow = Strength.follow
    monkeypatch.setattr(Strength, "follow", lambda self, progress: (told.append(progress), follow(self, progress))[0])
    std = "corruption.gaussian.std={_target_:src.schedules.Linear,start:0,end:0.5}"
    typed = ["model=denoising", "corruption=[watermark,gaussian,jpeg]", std, *TINY, *NO_PICTURES]
    run(tmp_path / "run", *typed, "data.batch_size=16", "trainer.max_epochs=2")
    training = [p for p in told if p < 1]
    assert training == sorted(training)
    assert len(set(training)) == 8
    assert training[0] == 0
    assert told[-1] == 1
    model = open_run(tmp_path / "run").model
    assert model.corruption is not None
    assert float(model.corruption.corruptions[1].std.now) == 0.5  # type: ignore[union-attr,index]
