"""The code of the vector-quantised autoencoder."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, distributed

from src.bottlenecks.base import Bottleneck
from src.contracts import Code, DiscreteCode, full_precision


class VectorQuantizer(Bottleneck):
    """Each place of a feature map takes the nearest of `entries` vectors: k = argmin_j ||f - e_j||, z = e_k.

    van den Oord, Vinyals & Kavukcuoglu, "Neural discrete representation learning", NIPS 2017. The gradient passes from
    z to f as if nothing had happened (straight through). The entries are no parameters: each follows the mean of the
    features that chose it (the paper's appendix A.1), with n_j and m_j moving averages of number and sum,

        n_j <- decay n_j + (1 - decay) sum_i [k_i = j],   m_j <- decay m_j + (1 - decay) sum_i [k_i = j] f_i,

    and e_j = m_j / n_j. An entry that hardly any feature chooses (n_j below `restart_below`) starts again at a feature
    of the batch, and all of them start at features of the first batch. Under DDP the sums are those of all processes.

    Args:
        latent_dim: width of an entry.
        entries: how many.
        decay: of the moving averages.
        restart_below: in features a batch; 0 never restarts.
    """

    code_type = DiscreteCode
    codebook: Tensor
    """(entries, D) float32"""
    chosen: Tensor
    """(entries,), the moving average n"""
    sums: Tensor
    """(entries, D), the moving average m"""
    started: Tensor

    def __init__(self, latent_dim: int, entries: int, decay: float, restart_below: float) -> None:
        super().__init__(latent_dim, latent_dim, maps=True)
        self.entries, self.decay, self.restart_below = entries, decay, restart_below
        self.register_buffer("codebook", torch.randn(entries, latent_dim) / entries)
        self.register_buffer("chosen", torch.ones(entries))
        self.register_buffer("sums", self.codebook.clone())
        self.register_buffer("started", torch.tensor(False))

    def forward(self, features: Tensor) -> DiscreteCode:
        f = full_precision(features)
        flat = f.movedim(1, -1).reshape(-1, self.latent_dim)
        book = self.codebook.to(flat.dtype)
        with torch.autocast(f.device.type, enabled=False):  # in half precision another entry may seem the nearest
            distance = book.square().sum(1) - 2 * flat @ book.T  # less ||f||^2, which is the same for every entry
        indices = distance.argmin(1)
        nearest = book[indices].view(*f.movedim(1, -1).shape).movedim(-1, 1)
        z = f + (nearest - f).detach() if torch.is_grad_enabled() else nearest
        return DiscreteCode(z, indices.view(len(f), *f.shape[2:]), f, nearest)

    def code_size(self, grid: tuple[int, int] | None) -> int:
        """Symbols of one image: as many as there are places."""
        return super().code_size(grid) // self.latent_dim

    def watch(self, code: Code) -> dict[str, Tensor]:
        """`codebook_usage`, the share of entries that the batch chose; `perplexity`, exp of its entropy.

        In training the entries follow.
        """
        assert isinstance(code, DiscreteCode)
        counts = torch.bincount(code.indices.flatten(), minlength=self.entries).float()
        if self.training:
            self._follow(code, counts)
        share = counts / counts.sum()
        entropy = -(share * share.clamp(min=1e-12).log()).sum()
        return {"codebook_usage": (counts > 0).float().mean(), "perplexity": entropy.exp()}

    @torch.no_grad()
    def _follow(self, code: DiscreteCode, counts: Tensor) -> None:
        flat = code.features.detach().movedim(1, -1).reshape(-1, self.latent_dim).float()
        sums = torch.zeros_like(self.sums).index_add_(0, code.indices.flatten(), flat)
        candidates = flat[torch.randint(len(flat), (self.entries,), device=flat.device)]
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(counts)
            distributed.all_reduce(sums)
            distributed.broadcast(candidates, src=0)
        new_chosen = self.decay * self.chosen + (1 - self.decay) * counts
        new_sums = self.decay * self.sums + (1 - self.decay) * sums
        weak = (new_chosen < self.restart_below) | ~self.started
        self.chosen.copy_(torch.where(weak, torch.ones_like(new_chosen), new_chosen))
        self.sums.copy_(torch.where(weak[:, None], candidates, new_sums))
        known = self.chosen[:, None] > 1e-6  # an entry long without a feature stays where it is
        self.codebook.copy_(torch.where(known, self.sums / self.chosen[:, None], self.codebook))
        self.started.fill_(True)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        """Moved to half precision the averages would stop moving: they stay in float32."""
        moved = super()._apply(fn, recurse)
        for name in ("codebook", "chosen", "sums"):
            setattr(self, name, getattr(self, name).float())
        return moved
