"""Which hits an action is about."""

from dataclasses import dataclass

from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.rules.expression.compiled import CompiledFilter


@dataclass(frozen=True, slots=True)
class Selector:
    """Hits that a filter is true of, or of these documents; without either, all."""

    filter: CompiledFilter | None = None
    ids: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self.filter is None and not self.ids

    def mask(self, window: Window) -> BoolArray:
        """bool [n]; not to be changed."""
        if self.filter is None:
            return window.of_ids(self.ids)
        mask = window.mask(self.filter)
        return mask | window.of_ids(self.ids) if self.ids else mask
