"""PCA at the same code size, on the same data and by the same figures as the run it stands beside."""

from src.data import DataModule
from src.metrics import ReconstructionFigures
from src.pca import PCA, images_at_once


def pca_baseline(data: DataModule, latent_dim: int) -> dict[str, float | str | int]:
    """`baseline/pca_se`, `_mse`, `_psnr`, `_ssim` on the test set, fitted on the training set, unclipped.

    `baseline/pca_components` is the code size (at most as many as there are inputs), `baseline/pca_method` "exact", or
    "randomised" above 4,096 inputs.
    """
    assert data.train_set is not None
    assert data.test_set is not None
    train_set, test_set = data.train_set, data.test_set
    at_once = images_at_once(data.shape)
    pca = PCA.fit(lambda: (batch.x for batch in train_set.batches(at_once)), latent_dim)
    figures = ReconstructionFigures(tuple(data.shape), tuple(data.range), over_processes=False)
    for batch in test_set.batches(at_once):
        figures.update(pca.reconstruct(batch.x), batch.x)
    values: dict[str, float | str | int] = {f"baseline/pca_{k}": float(v) for k, v in figures.compute().items()}
    values["baseline/pca_components"] = len(pca.components)
    values["baseline/pca_method"] = "exact" if pca.exact else "randomised"
    return values
