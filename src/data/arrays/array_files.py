"""Arrays out of .npy, .npz and .pt files, by name; nothing is ever unpickled.

The formats: numpy's own, a zip archive of those, and what torch.save writes. Of a spoilt file their readers raise
whatever they stumble over, so any exception of theirs is told as an unreadable file.
"""

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from src.errors import UserError

ENDINGS = (".npy", ".npz", ".pt")
GIGABYTE = 1e9
Array = np.ndarray | Tensor
Reader = Callable[[], Array]


def arrays_in(root: Path, max_bytes: float, dial: str = "data.root") -> dict[str, Reader]:
    """What reads each array in a file, or in a folder of .npy files, by its name there; nothing is read yet.

    An .npy or .pt file above `max_bytes` is memory-mapped, copy on write: the file itself is never changed. `dial` is
    what named the file, for messages.

    Raises:
        UserError: there is no such file, it has another ending, or it cannot be read.
    """
    if root.is_dir():
        files = sorted(root.glob("*.npy"))
        if not files:
            raise UserError(f"{dial}={root}: there are no .npy files in this folder; name a file or another folder.")
        return {file.stem: partial(_npy, file, max_bytes) for file in files}
    if not root.exists():
        raise UserError(f"{dial}={root} does not exist; name a .npy, .npz or .pt file, or a folder of .npy files.")
    readers = {".npy": _npy_alone, ".npz": _npz, ".pt": _pt, ".pth": _pt}
    if root.suffix.lower() not in readers:
        raise UserError(
            f"{dial}={root} is no .npy, .npz or .pt file; save the array by np.save('x.npy', x){_elsewhere(root)}."
        )
    return readers[root.suffix.lower()](root, max_bytes)


def _elsewhere(root: Path) -> str:
    tables = root.suffix.lower() in (".csv", ".tsv", ".parquet")
    return f", or type data=csv data.root={root}" if tables else ""


def _npy_alone(path: Path, max_bytes: float) -> dict[str, Reader]:
    return {path.stem: partial(_npy, path, max_bytes)}


def _npy(path: Path, max_bytes: float) -> np.ndarray:
    try:
        mapped = path.stat().st_size > max_bytes
        array = np.load(path, mmap_mode="c" if mapped else None, allow_pickle=False)
    except Exception as error:
        raise _unreadable(path, ".npy", error) from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path} is an .npz archive and no .npy file; give it that ending.")
    return array


def _npz(path: Path, max_bytes: float) -> dict[str, Reader]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            sizes = {info.filename.removesuffix(".npy"): info.file_size for info in archive.zip.infolist()}
    except Exception as error:
        raise _unreadable(path, ".npz", error) from error
    return {name: partial(_member, path, name, size, max_bytes) for name, size in sizes.items()}


def _member(path: Path, name: str, size: int, max_bytes: float) -> np.ndarray:
    if size > max_bytes:
        raise UserError(
            f"{path}: '{name}' takes {size / GIGABYTE:.3g} GB, above data.max_memory={max_bytes / GIGABYTE:g}, and "
            f"what is in an .npz file cannot be memory-mapped; unpack it (unzip {path.name} -d {path.stem}) and type "
            f"data.root={path.with_suffix('')}, or raise data.max_memory."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            array = archive[name]
    except Exception as error:
        raise _unreadable(path, ".npz", error, f": '{name}'") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: '{name}' is no array; save it by np.savez('x.npz', x=x, y=y).")
    return array


def _pt(path: Path, max_bytes: float) -> dict[str, Reader]:
    try:
        mapped = path.stat().st_size > max_bytes
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path} holds more than tensors, or is no .pt file: only tensors are read and nothing is unpickled; save "
            "them by torch.save({'x': x, 'y': y}, 'x.pt')."
        ) from error
    except Exception as error:
        raise _unreadable(path, ".pt", error) from error
    tensors = {path.stem: found} if isinstance(found, Tensor) else found
    if not isinstance(tensors, dict) or not all(isinstance(each, Tensor) for each in tensors.values()):
        raise UserError(
            f"{path} is no tensor and no dict of tensors; save it by torch.save({{'x': x, 'y': y}}, 'x.pt')."
        )
    return {str(name): partial(_dense, tensor, f"{path}: '{name}'") for name, tensor in tensors.items()}


def _dense(tensor: Tensor, where: str) -> Tensor:
    if tensor.is_meta:
        raise UserError(f"{where} is a tensor without values, on the device meta; save one that has some.")
    if tensor.layout != torch.strided or tensor.is_quantized:
        raise UserError(f"{where} is a sparse or quantised tensor; save x.to_dense() or x.dequantize().")
    return tensor.detach()


def _unreadable(path: Path, ending: str, error: BaseException, name: str = "") -> UserError:
    if isinstance(error, PermissionError):
        return UserError(f"{path} cannot be read (permission denied); allow it by chmod u+r.")
    if isinstance(error, MemoryError):
        return UserError(f"{path}{name} does not fit into memory; lower data.max_memory, so that it is memory-mapped.")
    text = str(error)
    if "pickle" in text or "Python objects" in text:
        return UserError(
            f"{path}{name} holds Python objects, which would have to be unpickled and never are; save numbers of one "
            "type and shape, e.g. np.save('x.npy', np.stack(rows))."
        )
    why = " ".join(text.split())[:120] or type(error).__name__
    return UserError(f"{path}{name} is cut short or no {ending} file ({why}); save it again.")
