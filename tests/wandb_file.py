"""Reads a W&B run back from its `.wandb` file, without W&B's service.

The file is a LevelDB log: a header of 7 bytes, then blocks of 32 KiB holding chunks of (crc u32, length u16, kind u8,
payload), little-endian. A record is one chunk (kind 1) or several (2 first, 3 middle, 4 last), and a protobuf `Record`.
"""

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADER = struct.Struct("<4sHB")
CHUNK = struct.Struct("<IHB")
BLOCK = 32 * 1024
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def payloads(data: bytes) -> Iterator[bytes]:
    """The records of a log, as bytes; a record that was cut off by a crash is left out."""
    ident, magic, _ = HEADER.unpack_from(data)
    assert (ident, magic) == (b":W&B", 0xBEE1), "not a .wandb file"
    at, record = HEADER.size, b""
    while at + CHUNK.size <= len(data):
        if BLOCK - at % BLOCK < CHUNK.size:  # a chunk's head does not fit into the rest of a block: zeros fill it
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        piece = data[at : at + length]
        at += length
        if at > len(data):
            return
        record = piece if kind in (FULL, FIRST) else record + piece
        if kind in (FULL, LAST):
            yield record


class WandbFile:
    """What one start of a W&B run left in its file.

    Attributes:
        history: a dict for each logged row: scalars, and for media what W&B keeps of them.
        config: the run's config.
        summary: the figures that stand for the whole run.
        run: its RunRecord: run_id, project, display_name, run_group, job_type, tags, ...
        steps: metric (or pattern) -> the metric it is plotted against.
        exit_code: None if the run was never finished.
        folder: where `files/` is.
    """

    def __init__(self, path: Path) -> None:
        from wandb.proto.wandb_internal_pb2 import Record

        self.folder = path.parent
        self.history: list[dict[str, Any]] = []
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        self.steps: dict[str, str] = {}
        self.run: Any = None
        self.exit_code: int | None = None
        for payload in payloads(path.read_bytes()):
            record = Record.FromString(payload)
            match record.WhichOneof("record_type"):
                case "history":
                    self.history.append(_items(record.history.item))
                case "run":
                    self.run = record.run
                    self.config |= _items(record.run.config.update)
                case "config":
                    self.config |= _items(record.config.update)
                case "summary":
                    self.summary |= _items(record.summary.update)
                case "metric" if record.metric.step_metric:
                    self.steps[record.metric.glob_name or record.metric.name] = record.metric.step_metric
                case "exit":
                    self.exit_code = record.exit.exit_code

    def column(self, key: str) -> list[Any]:
        """Every value logged under a key, in order."""
        return [row[key] for row in self.history if key in row]

    def media(self, kind: str) -> list[Path]:
        """The files under files/media/<kind>."""
        return sorted(path for path in (self.folder / "files" / "media" / kind).rglob("*") if path.is_file())


def _items(items: Any) -> dict[str, Any]:
    """Keys and values of a record; what W&B took apart by nested keys is put together again."""
    values: dict[str, Any] = {}
    for item in items:
        *above, last = item.nested_key or [item.key]
        place = values
        for key in above:
            place = place.setdefault(key, {})
        place[last] = json.loads(item.value_json)
    return values


def wandb_files(folder: Path, patience: float = 10.0) -> list[WandbFile]:
    """Every start of a run in a run folder, oldest first.

    W&B's service writes the last records after `finish` has returned: an unfinished file is read again for `patience`
    seconds.
    """
    until = time.monotonic() + patience
    while True:
        files = [WandbFile(path) for path in sorted(folder.glob("wandb/*run-*/*.wandb")) if path.stat().st_size]
        if (files and all(file.exit_code is not None for file in files)) or time.monotonic() > until:
            return files
        time.sleep(0.05)
