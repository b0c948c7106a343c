"""How much memory a call takes at its peak, beyond what was there before it."""

import json
import os
import tempfile
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any


def peak_tensor_bytes(call: Callable[[], Any]) -> int | None:
    """The most bytes that torch's CPU allocator held at once of those it gave out during `call`.

    Counted by torch's own profiler, so that the same call gives the same number, whatever the process did before; what
    kernels take for themselves counts where they take it from the same allocator. None where torch was built without
    its profiler.
    """
    import torch
    from torch.profiler import ProfilerActivity, kineto_available, profile

    if not kineto_available():
        return None
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # it would tell on stderr that it looked for a GPU
    call()  # what is made once and kept is not of this call
    with torch.no_grad(), profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=False) as seen:
        call()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        seen.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())["traceEvents"]
    steps = [(e["ts"], e["args"]) for e in events if e.get("name") == "[memory]" and e["args"]["Device Type"] == 0]
    in_order = [args["Bytes"] for _, args in sorted(steps, key=lambda step: step[0])]
    return max(accumulate(in_order), default=0)
