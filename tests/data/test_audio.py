"""Recordings of every kind as windows: parted whole, counted, standardised; and every bad folder."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from src.data import Audio
from src.errors import UserError
from tests.conftest import NO_PICTURES, run

RATE = 8000


def audio(root: Path | None, **changes: Any) -> Audio:
    given = {"root": root and str(root), "sample_rate": RATE, "length": 500}
    data = Audio(**given | changes)
    data.setup()
    return data


def write(file: Path, hertz: float = 440.0, seconds: float = 0.5, rate: int = RATE, **options: Any) -> Path:
    """A sine of amplitude 1/2."""
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    soundfile.write(file, samples, rate, **options)
    return file


def ramps(root: Path, lengths: list[int]) -> None:
    """Recordings whose samples tell which they are, and where."""
    root.mkdir(exist_ok=True)
    for i, n in enumerate(lengths):
        soundfile.write(root / f"{i:02d}.wav", i / 100 + np.arange(n) / 2**20, RATE, subtype="FLOAT")


def sets(data: Audio) -> tuple[Any, Any, Any]:
    return data.train_set, data.val_set, data.test_set


def pitch(sound: torch.Tensor, rate: int = RATE) -> torch.Tensor:
    return torch.fft.rfft(sound).abs().argmax(-1) * rate / sound.shape[-1]


@pytest.mark.parametrize(("length", "stride"), [(500, None), (500, 130), (64, 200)])
def test_windows_are_those_of_single_recordings(tmp_path: Path, length: int, stride: int | None) -> None:
    lengths = [500 + 37 * i for i in range(20)]
    ramps(tmp_path, lengths)
    data = audio(tmp_path, length=length, stride=stride, test_fraction=0.3, val_fraction=0.2)
    seen: list[set[int]] = []
    for part in sets(data):
        windows = part.stored[:, 0]
        assert (windows.diff(dim=1) - 2**-20).abs().max() < 1e-7
        recordings = (windows[:, 0] * 100).floor().int()
        seen.append(set(recordings.tolist()))
        for i in seen[-1]:
            starts = ((windows[recordings == i, 0] - i / 100) * 2**20).round().int().tolist()
            assert starts == list(range(0, lengths[i] - length + 1, stride or length))
    assert [len(each) for each in seen] == [11, 3, 6]
    assert set.union(*seen) == set(range(20))


def test_overlapping_windows_are_views_of_one_tensor(tmp_path: Path) -> None:
    ramps(tmp_path, [2000] * 5)
    data = audio(tmp_path, stride=1)
    assert len({part.values.untyped_storage().data_ptr() for part in sets(data)}) == 1
    assert data.train_set.values.untyped_storage().nbytes() == 4 * 5 * 2000
    assert len(data.train_set) == 3 * 1501


def test_the_split_follows_from_its_seed(tmp_path: Path) -> None:
    ramps(tmp_path, [500] * 20)
    first, again, other = (audio(tmp_path, **seeds) for seeds in ({"seed": 1}, {"seed": 2}, {"split_seed": 1}))
    assert torch.equal(first.test_set.stored, again.test_set.stored)
    assert not torch.equal(first.test_set.stored, other.test_set.stored)


def test_any_rate_depth_and_number_of_channels_sounds_alike(tmp_path: Path) -> None:
    write(tmp_path / "0.wav", subtype="PCM_16")
    write(tmp_path / "1.WAV", subtype="PCM_24", rate=44_100)
    write(tmp_path / "2.wav", subtype="FLOAT", rate=16_000)
    write(tmp_path / "3.flac", rate=22_050)
    write(tmp_path / "4.wav", subtype="PCM_U8", rate=4000)
    write(tmp_path / "5.wav", subtype="DOUBLE", rate=48_000)
    left = np.sin(2 * np.pi * 440 * np.arange(4000) / RATE)
    soundfile.write(tmp_path / "6.wav", np.stack([left, np.zeros(4000)], axis=1), RATE)  # both halves together
    data = audio(tmp_path, length=4000)
    sound = torch.cat([part.stored[:, 0] for part in sets(data)])
    assert sound.shape == (7, 4000)
    assert pitch(sound).tolist() == [440] * 7
    middle = sound[:, 500:3500]
    torch.testing.assert_close(middle, middle[:1].expand(7, -1), atol=0.02, rtol=0)  # in phase, and half as loud


def test_standardised_on_the_training_recordings_alone(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for i in range(12):
        loud = 0.3 * generator.normal(size=1000 + 100 * i) * (i + 1) / 12 + 0.05 * i
        soundfile.write(tmp_path / f"{i:02d}.wav", loud, RATE, subtype="FLOAT")
    data = audio(tmp_path, length=100)
    stored = data.train_set.stored
    x = data.train_set.__getitems__(range(len(data.train_set))).x
    assert (x.mean().item(), x.std().item()) == pytest.approx((0, 1), abs=1e-3)
    torch.testing.assert_close(x, (stored - stored.mean()) / stored.std(), atol=1e-3, rtol=1e-3)
    test = data.test_set.__getitems__(range(len(data.test_set))).x
    torch.testing.assert_close(test, (data.test_set.stored - stored.mean()) / stored.std(), atol=1e-3, rtol=1e-3)


def test_a_range_with_ends_takes_the_lowest_and_highest(tmp_path: Path) -> None:
    for i in range(5):
        write(tmp_path / f"{i}.wav")
    x = audio(tmp_path, range=[-1, 1]).train_set.__getitems__(range(9)).x
    assert (x.min().item(), x.max().item()) == pytest.approx((-1, 1), abs=1e-3)


@pytest.mark.parametrize("root", [True, False], ids=["recordings", "tones"])
def test_log_mel_pictures_are_standardised_by_band(tmp_path: Path, root: bool) -> None:
    generator = np.random.default_rng(0)
    for i in range(12):
        soundfile.write(tmp_path / f"{i}.wav", generator.normal(size=4000) * 0.02 * (i + 1), RATE)
    data = audio(
        tmp_path if root else None, n_train=1000, features="log_mel", length=2000, mels=20, window=400, hop=200
    )
    assert data.told()["shape"] == [1, 20, 9]
    x = data.train_set.__getitems__(range(len(data.train_set))).x
    torch.testing.assert_close(x.mean((0, 1, 3)), torch.zeros(20), atol=1e-4, rtol=0)
    torch.testing.assert_close(x.std((0, 1, 3), correction=0), torch.ones(20), atol=1e-3, rtol=0)
    assert data.train_set.rows is None


def test_the_pictures_of_overlapping_windows_are_those_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    for i in range(5):
        soundfile.write(tmp_path / f"{i}.wav", generator.normal(size=4000) * 0.1, RATE)
    dials: dict[str, Any] = {"features": "log_mel", "length": 1000, "stride": 300, "mels": 20, "window": 400}
    data = audio(tmp_path, **dials)
    assert data.log_mel is not None
    waves = audio(tmp_path, length=1000, stride=300).val_set.stored
    torch.testing.assert_close(data.val_set.stored[:, 0], data.log_mel(waves[:, 0]).flip(1))
    monkeypatch.setattr("src.data.signals.audio.WINDOWS_AT_ONCE", 2000)
    assert torch.equal(audio(tmp_path, **dials).train_set.stored, data.train_set.stored)


def test_low_pitch_is_at_the_bottom_of_a_picture() -> None:
    data = audio(None, features="log_mel", length=2000, mels=20, window=400, hop=200, n_train=200)
    pure = data.train_set.labels == 0
    row = data.train_set.stored[pure, 0].mean(2).argmax(1)
    pitch = data.train_set.factors["pitch"][pure]
    assert row[pitch.argmax()] < row[pitch.argmin()]
    assert torch.corrcoef(torch.stack([row.float(), pitch]))[0, 1] < -0.95


def test_class_folders_are_labels(tmp_path: Path) -> None:
    for i in range(20):
        write(tmp_path / ("low" if i < 10 else "high") / f"deep/{i}.wav", hertz=200 if i < 10 else 2000)
    data = audio(tmp_path)
    assert data.class_names == ("high", "low")
    assert data.told() == {"shape": [1, 500], "classes": 2}
    for part in sets(data):
        assert torch.equal(pitch(part.stored[:, 0]) < 1000, part.labels == 1)
        assert part.labels.float().mean() == 0.5


def test_folders_of_a_split_stay_as_they_are(tmp_path: Path) -> None:
    for i, part in enumerate(["train"] * 5 + ["test"] * 2):
        write(tmp_path / part / f"{i}.wav", hertz=200 * (i + 1))
    data = audio(tmp_path)
    assert set(pitch(data.test_set.stored[:, 0]).round(decimals=-2).tolist()) == {1200, 1400}
    assert data.class_names == ()
    assert [len(part) for part in sets(data)] == [4 * 8, 8, 2 * 8]


def test_without_a_folder_tones_are_made() -> None:
    data = audio(None, n_train=60, n_val=10, n_test=20)
    assert data.told() == {"shape": [1, 500], "classes": 3}
    assert [len(part) for part in sets(data)] == [60, 10, 20]
    assert set(data.train_set.factors) == {"timbre", "pitch", "amplitude"}
    assert torch.equal(data.train_set.factors["timbre"], data.train_set.labels)
    again = audio(None, n_train=60, seed=5)
    assert torch.equal(data.train_set.stored, again.train_set.stored)


def test_seconds_count_in_place_of_length() -> None:
    assert audio(None, seconds=0.1, n_train=2).train_set.shape == (1, 800)


def spoilt(root: Path) -> None:
    """Seven good recordings and one of every bad kind."""
    for i in range(7):
        write(root / f"good{i}.wav")
    whole = write(root / "a_half.wav").read_bytes()
    (root / "a_half.wav").write_bytes(whole[: len(whole) // 2])
    whole = write(root / "b_half.flac").read_bytes()
    (root / "b_half.flac").write_bytes(whole[: len(whole) // 2])
    (root / "c_text.wav").write_text("no sound at all\n" * 20)
    (root / "d_empty.wav").write_bytes(b"")
    soundfile.write(root / "e_nothing.wav", np.zeros(0), RATE)
    nan = np.zeros(4000)
    nan[7] = math.nan
    soundfile.write(root / "f_nan.wav", nan, RATE, subtype="FLOAT")
    (root / "g_link.wav").symlink_to(root / "nowhere.wav")


def test_every_bad_recording_is_named(tmp_path: Path) -> None:
    spoilt(tmp_path)
    with pytest.raises(UserError) as refusal:
        audio(tmp_path)
    told = str(refusal.value)
    assert "7 of 14 recordings" in told
    assert "more than data.max_bad=0.05 lets pass: a_half.wav (cut short: 4,0" in told
    assert "b_half.flac (spoilt or cut short), c_text.wav (no sound file) and 4 more" in told
    assert told.endswith("mend or remove them, or type data.max_bad=7.")
    with pytest.warns(UserWarning, match=r"7 of 14 recordings in .* cannot be used and are left out: a_half\.wav"):
        data = audio(tmp_path, max_bad=7)
    good = torch.cat([part.stored for part in sets(data)])
    assert len(good) == 7 * 8
    assert pitch(good[:, 0]).unique().tolist() == [pytest.approx(440, abs=RATE / 500)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("b_half.flac", "spoilt or cut short"),
        ("d_empty.wav", "no sound file"),
        ("e_nothing.wav", "without a sample"),
        ("f_nan.wav", "NaN or infinite samples, or far beyond full scale"),
        ("g_link.wav", "No such file or directory"),
    ],
)
def test_a_bad_recording_is_told_why(tmp_path: Path, name: str, why: str) -> None:
    spoilt(tmp_path)
    for file in tmp_path.iterdir():
        if file.name != name and not file.name.startswith("good"):
            file.unlink()
    with pytest.raises(UserError, match=rf"1 of 8 recordings .*: {name} \({why}\); mend"):
        audio(tmp_path)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_recording_far_beyond_full_scale_is_left_out(tmp_path: Path, channels: int) -> None:
    """Its square would be infinite, and with it what all others are scaled by."""
    for i in range(7):
        write(tmp_path / f"{i}.wav")
    loud = np.full((4000, channels), 3e38) * np.float64([[1], [-1]] * 2000)
    soundfile.write(tmp_path / "loud\n.wav", loud, RATE, subtype="FLOAT")
    with pytest.warns(
        UserWarning, match=r"1 of 8 .*: loud\\n\.wav \(NaN or infinite samples, or far beyond full scale\)"
    ):
        data = audio(tmp_path, max_bad=1)
    x = next(data.train_set.batches(8)).x
    assert 0.5 < x.std() < 2


def test_a_recording_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    for i in range(3):
        header = bytearray(write(tmp_path / f"{i}.wav").read_bytes())
        header[4:8] = header[40:44] = b"\xff" * 4
        (tmp_path / f"{i}.wav").write_bytes(header)
    assert len(audio(tmp_path).train_set) == 8


def test_short_and_silent_recordings_are_counted(tmp_path: Path) -> None:
    for i in range(6):
        write(tmp_path / f"{i}.wav")
    write(tmp_path / "short.wav", seconds=0.01)
    soundfile.write(tmp_path / "silent.wav", np.zeros(4000), RATE)
    short = r"1 of 8 recordings in .* are shorter than a window of 500 samples and are left out: short\.wav\."
    with (
        pytest.warns(UserWarning, match=short),
        pytest.warns(UserWarning, match=r"1 of 8 .* are silent: silent\.wav\."),
    ):
        data = audio(tmp_path)
    assert sum(len(part) for part in sets(data)) == 7 * 8


def silent(root: Path) -> None:
    for i in range(4):
        soundfile.write(root / f"{i}.wav", np.zeros(4000), RATE)


def useless_test(root: Path) -> None:
    for i in range(4):
        write(root / "train" / f"{i}.wav")
    write(root / "test" / "short.wav", seconds=0.01)


def of_one_kind(n: int, ending: str = "wav", seconds: float = 0.5) -> Callable[[Path], None]:
    return lambda root: [write(root / f"{i}.{ending}", seconds=seconds) for i in range(n)].clear()


@pytest.mark.parametrize(
    ("fill", "dials", "sentence"),
    [
        (lambda root: root.rmdir(), {}, r"does not exist; look at its spelling"),
        (lambda root: (root.rmdir(), root.write_text("")), {}, r"is a file; name the folder it lies in"),
        (lambda root: None, {}, r"has no \.wav or \.flac files in it; name a folder"),
        (of_one_kind(2, "ogg"), {}, r"no \.wav or \.flac files in it \(there are other files: 2 \.ogg\)"),
        (lambda root: write(root / ".hidden" / "x.wav"), {}, r"no \.wav or \.flac files in it"),
        (of_one_kind(2), {}, r"has 2 recordings to train on that hold a window, and at least 3 are needed"),
        (of_one_kind(4, seconds=0.05), {}, r"none of the 4 recordings .*: type data\.length=400 or less"),
        (lambda root: (root / "x.wav").write_text("x"), {"max_bad": 9}, r"none of the 1 recordings .*; put others"),
        (lambda root: os.mkfifo(root / "pipe.wav"), {}, r"no \.wav or \.flac files in it"),
        (silent, {}, r"that are to be trained on are silent; put others there"),
        (useless_test, {}, r"none of the recordings in .*sounds/test can be used or holds a window; put others there"),
        (of_one_kind(9), {"val_fraction": 0.99}, r"data\.val_fraction=0\.99 leaves none of the 9 examples to train on"),
        (of_one_kind(9), {"test_fraction": 0.9, "val_fraction": 0.9}, r"val_fraction=0\.9 leaves none of the 9"),
        (of_one_kind(4), {"shape": [1, 28, 28]}, r"data\.shape=\[1,28,28\], but the train .* are \[1,500\]"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*(silent|cannot be used|are shorter)")
def test_a_bad_folder_is_refused_in_one_sentence(
    tmp_path: Path, fill: Callable[[Path], Any], dials: dict[str, Any], sentence: str
) -> None:
    root = tmp_path / "sounds"
    root.mkdir()
    fill(root)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=sentence) as refusal:
        audio(root, **dials)
    assert "\n" not in str(refusal.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_window_must_hold_a_frame() -> None:
    with pytest.raises(UserError, match=r"windows of 100 samples are shorter than one frame, data\.window=512"):
        Audio(features="log_mel", length=100)


@pytest.mark.parametrize(
    ("network", "features"), [("mlp", "waveform"), ("conv1d", "waveform"), ("mlp", "log_mel"), ("conv", "log_mel")]
)
@pytest.mark.filterwarnings("ignore:.*constant in training")
def test_recordings_train(tmp_path: Path, network: str, features: str) -> None:
    for i in range(12):
        write(tmp_path / "sounds" / f"{i}.wav", hertz=200 + 100 * i, seconds=1)
    summary = run(
        tmp_path / "run", "data=audio", f"data.root={tmp_path / 'sounds'}", f"network={network}",
        f"data.features={features}", "data.sample_rate=8000", "data.length=512", "data.window=256", "data.hop=64",
        "data.mels=16", "model.latent_dim=4", "trainer.max_epochs=1", *NO_PICTURES,
    )  # fmt: skip
    assert summary["status"] == "finished"
    assert np.isfinite(summary["test/se"])


def test_tones_train_out_of_the_box(tmp_path: Path) -> None:
    small = [f"data.n_{part}=128" for part in ("train", "val", "test")]
    summary = run(tmp_path / "run", "data=audio", "data.length=512", "trainer.max_epochs=1", *small, *NO_PICTURES)
    assert summary["status"] == "finished"
