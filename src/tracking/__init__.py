"""The one room that starts, feeds and ends Weights & Biases (and hands TensorBoard the pictures).

W&B is imported when a run starts: it takes a while. Nothing here reads or changes `WANDB_MODE` for later runs of the
same process, and every run is one of its own, whatever else is open.

connection.py  a W&B run, online or not
loggers.py     the loggers of a run, started and finished
feeding.py     pictures, codes, summaries and score cards
seeing.py      what to do to see a run
"""

from src.tracking.connection import Mode, is_online, run_id_of
from src.tracking.feeding import log_codes, log_picture, log_scorecard, log_summary
from src.tracking.loggers import BY_EPOCH, finish, start, wandb_logger
from src.tracking.seeing import how_to_see

__all__ = [
    "BY_EPOCH",
    "Mode",
    "finish",
    "how_to_see",
    "is_online",
    "log_codes",
    "log_picture",
    "log_scorecard",
    "log_summary",
    "run_id_of",
    "start",
    "wandb_logger",
]
