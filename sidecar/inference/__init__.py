"""The model's engine: texts in, scores and vectors out.

Imports only the standard library, numpy, onnxruntime and tokenizers, and itself relatively: the folder is
copied beside Triton's `model.py`, where nothing else of the package exists (and numpy is below 2).
"""

from .encoder import Encoder
from .job import Job, Scored, forever, never
from .model_folder import Manifest, ModelFolderError, find_version_folder, read_manifest

__all__ = [
    "Encoder",
    "Job",
    "Manifest",
    "ModelFolderError",
    "Scored",
    "find_version_folder",
    "forever",
    "never",
    "read_manifest",
]
