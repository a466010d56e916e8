"""Which hits an action is about."""

from dataclasses import dataclass

from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.rules.expression.compiled import CompiledFilter


@dataclass(frozen=True, slots=True)
class Selector:
    """Hits that a filter is true of, or of these documents; without either, all. `all_but`: the others."""

    filter: CompiledFilter | None = None
    ids: frozenset[str] = frozenset()
    all_but: bool = False

    @property
    def everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self.filter is None and not self.ids

    @property
    def may_be_shared(self) -> bool:
        """Whether it can be worked out together with others."""
        return self.filter is None or self.filter.clauses is not None

    def mask(self, window: Window) -> BoolArray:
        """bool [n]; not to be changed."""
        if self.filter is None:
            mask = window.of_ids(self.ids)
        else:
            mask = window.mask(self.filter)
            if self.ids:
                mask = mask | window.of_ids(self.ids)
        return ~mask if self.all_but else mask
