"""A profile's section `personalization`, ready for searches."""

import hashlib

import numpy as np
import numpy.typing as npt

from sidecar.config.personalization import Personalization
from sidecar.taste.reading import TraitReader
from sidecar.taste.traits import Traits


class Prepared:
    """One section with its reader of traits and its version."""

    def __init__(self, settings: Personalization) -> None:
        self.settings = settings
        self.traits = TraitReader(settings)
        self.version = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:8]

    def capped(self, traits: Traits) -> tuple[list[str], npt.NDArray[np.uint32]]:
        """The attributes whose exposure is capped, and the hits' values of them: uint32 [n, e]."""
        wanted = self.settings.guardrails.exposure_attributes
        columns = [at for at, name in enumerate(traits.attributes) if name in wanted]
        return [traits.attributes[at] for at in columns], traits.keys[:, columns]
