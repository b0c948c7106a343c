"""What a run does besides training: each a named node of the config."""

from src.callbacks.checkpoints import BestCheckpoint, LastCheckpoint
from src.callbacks.early_stopping import EarlyStopping
from src.callbacks.latent_map import LatentMap
from src.callbacks.learning_rate import LearningRate
from src.callbacks.log_likelihood import LogLikelihood
from src.callbacks.loss_breakdown import LossBreakdownPlot
from src.callbacks.pictures import PictureCallback
from src.callbacks.principal_angle import PrincipalAngle
from src.callbacks.progress import Progress
from src.callbacks.reconstructions import Reconstructions
from src.callbacks.record import Record
from src.callbacks.samples import Samples

__all__ = [
    "BestCheckpoint",
    "EarlyStopping",
    "LastCheckpoint",
    "LatentMap",
    "LearningRate",
    "LogLikelihood",
    "LossBreakdownPlot",
    "PictureCallback",
    "PrincipalAngle",
    "Progress",
    "Reconstructions",
    "Record",
    "Samples",
]
