"""A small autoencoder and small data, for callbacks and trackers that know a model only through its protocol."""

import csv
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningDataModule, LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from src.contracts import Batch, Code, LossBreakdown, Noise, Reconstruction
from src.noise import FreshNoise, IndexedNoise


class Images:
    """Images in memory, cut by index."""

    def __init__(self, x: Tensor, y: Tensor, classes: list[str]) -> None:
        self.x, self.y, self.classes = x, y, classes

    def __len__(self) -> int:
        return len(self.x)

    def __getitems__(self, index: Any) -> Batch:
        index = torch.as_tensor(index)
        return Batch(self.x[index], self.y[index], index)


class Data(LightningDataModule):
    """The same images for training and validation."""

    feature_names = ()

    def __init__(self, images: Images, batch_size: int = 32, value_range: tuple[float, float] = (0.0, 1.0)) -> None:
        super().__init__()
        self.train_set = self.val_set = self.test_set = images
        self.shape, self.range, self.batch_size = list(images.x.shape[1:]), list(value_range), batch_size

    def train_dataloader(self) -> DataLoader:
        return DataLoader(self.train_set, batch_size=self.batch_size, collate_fn=lambda batch: batch)  # type: ignore[arg-type]

    val_dataloader = train_dataloader


class TinyAutoencoder(LightningModule):
    """One linear layer each way; logs what the house's models log."""

    capabilities = frozenset({"encode", "decode", "reconstruct", "restore"})

    def __init__(self, shape: list[int], latent_dim: int = 2, noise: float = 0.0, hidden: int | None = None) -> None:
        super().__init__()
        self.code_size = latent_dim
        n, self.latent_dim, self.noise, wide = int(torch.tensor(shape).prod()), latent_dim, noise, hidden or latent_dim
        middle = [nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, latent_dim)] if hidden else []
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(n, wide), nn.ReLU() if hidden else nn.Identity(), *middle)
        back = [nn.Linear(latent_dim, wide), nn.ReLU()] if hidden else []
        self.decoder = nn.Sequential(*back, nn.Linear(wide, n), nn.Unflatten(1, shape))
        self.dropout = nn.Dropout(0.1)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        return Code(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decoder(z)

    def image(self, raw: Tensor) -> Tensor:
        return raw.sigmoid()

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.image(self.decode(self.encode(x).z))

    def restored(self, out: Reconstruction) -> Tensor:
        return self.reconstruct(out.seen)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        raise NotImplementedError

    def log_joint(self, x: Tensor, z: Tensor, y: Tensor | None = None, raw: Tensor | None = None) -> Tensor:
        raise NotImplementedError

    def encoder_weights(self) -> list[Tensor]:
        return []

    decoder_weights = encoder_weights

    def jacobian_sq_norm(self, x: Tensor) -> Tensor | None:
        return None

    def forward(self, batch: Batch) -> Reconstruction:
        noise: Noise = FreshNoise() if self.training else IndexedNoise(0, batch.index)
        seen = batch.x + self.noise * noise.normal(batch.x) if self.noise else batch.x
        code = self.encode(self.dropout(seen))
        return Reconstruction(batch.x, batch.y, seen, None, code, (), self.decode(code.z), self.image, noise)

    def _step(self, batch: Batch, stage: str) -> Tensor:
        out = self(batch)
        terms = {
            "reconstruction": (out.x_hat - out.x).flatten(1).square().sum(1),
            "l1": out.code.z.flatten(1).abs().sum(1),
        }
        losses = LossBreakdown(terms, {"reconstruction": 1.0, "l1": 0.1})
        weights = {"weight/l1": 0.1} if stage == "train" else {}
        self.log_dict(losses.scalars(stage) | weights, on_step=False, on_epoch=True, batch_size=len(batch.x))
        return losses.total

    def training_step(self, batch: Batch, _: int) -> Tensor:
        return self._step(batch, "train")

    def validation_step(self, batch: Batch, _: int) -> None:
        self._step(batch, "val")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.003)


class WriteMetrics(Callback):
    """metrics.csv as the house writes it: a row an epoch."""

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        row = {"epoch": trainer.current_epoch} | {k: float(v) for k, v in trainer.callback_metrics.items()}
        path = Path(trainer.default_root_dir) / "metrics.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow(row)


def blobs(n: int = 60, shape: tuple[int, ...] = (1, 8, 8), classes: int = 3) -> Images:
    """Images of three kinds with a little noise, the same every time."""
    rng = torch.Generator().manual_seed(0)
    y = torch.arange(n) % classes
    kinds = torch.rand(classes, *shape, generator=rng)
    x = (kinds[y] + 0.1 * torch.randn(n, *shape, generator=rng)).clamp(0, 1)
    return Images(x, y, [f"kind {k}" for k in range(classes)])


def trainer_for(folder: Path, callbacks: list[Callback], epochs: int = 2, **options: Any) -> Trainer:
    """A Trainer that writes into `folder` and says nothing."""
    settings: dict[str, Any] = {"logger": False, "accelerator": "cpu"} | options
    return Trainer(
        default_root_dir=folder, max_epochs=epochs, callbacks=callbacks, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False, num_sanity_val_steps=0, **settings,
    )  # fmt: skip
