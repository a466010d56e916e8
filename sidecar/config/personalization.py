"""A profile's section `personalization`: what is learned of shoppers, and how far that may move hits."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sidecar.config.kinship import Kinship
from sidecar.config.protected import protected_word
from sidecar.config.strict import Strict

Device = Annotated[str, Field(pattern=r"[a-z0-9_-]{1,32}")]
Name = Annotated[str, Field(pattern=r"[a-z][a-z0-9_]{0,31}")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]


class Attribute(Strict):
    """Something that hits have or have not, and that shoppers prefer: a brand, a colour, a band of prices."""

    field: str = Field(min_length=1, description="the document field")
    values: int = Field(
        default=1,
        ge=1,
        le=4,
        description="how many of a field's values count, the last first: leaf, parent, …",
    )
    bands: float | None = Field(
        default=None, gt=0, le=8, description="for numbers: how many bands a doubling has"
    )
    precision: Positive | None = Field(
        default=None, description="how sure to be beforehand that nobody cares; default: the time scale's"
    )


class Slope(Strict):
    """A number of which shoppers want more or less."""

    field: str = Field(min_length=1, description="the document field")
    form: Literal["plain", "log", "date"] = Field(
        default="plain", description="as it is; its logarithm (prices); a date (novelty: later is more)"
    )
    within: str | None = Field(
        default=None,
        min_length=1,
        description="compare with the list's hits that agree in this field: a case is cheap for a case",
    )
    precision: Positive | None = None


class ItemVector(Strict):
    """Vectors of the shop's own models, of images or texts, that documents carry: what is like what."""

    field: str = Field(min_length=1, description="the document field, a list of numbers (`knn_vector`)")
    dimensions: int = Field(ge=2, le=2048, description="how many numbers a vector has")
    precision: Positive = Field(
        default=3.0, description="how sure to be beforehand that nobody cares what is like what"
    )


class Calibration(Strict):
    """From the relevance stage's score to the logit of a click on a seen hit: slope · score + intercept.

    It belongs to the profile's blend or model: `taste/calibrate.py` fits it to what was served and clicked.
    """

    slope: Annotated[float, Field(ge=0.01, le=100, allow_inf_nan=False)] = 1.0
    intercept: Annotated[float, Field(ge=-20, le=20, allow_inf_nan=False)] = -2.0


class EventWeights(Strict):
    """What an event counts beside a click; the strongest on a hit wins.

    Of the taste, not of the revenue: a purchase is about three looks at a hit that all said yes. Greater
    weights (3 and 10) taught no more of simulated shoppers and harmed those without a taste.
    """

    click: Positive = 1.0
    add_to_cart: Positive = 1.5
    purchase: Positive = 2.0


class Examination(Strict):
    """The chance that a shopper saw a hit: position^-eta, or a table by position; by device where told."""

    eta: Annotated[float, Field(ge=0, le=4)] = 0.7
    by_device: dict[Device, Annotated[float, Field(ge=0, le=4)]] = Field(
        default={}, description="another eta for a device"
    )
    table: list[Annotated[float, Field(gt=0, le=1)]] = Field(
        default=[], max_length=200, description="chances of positions 1, 2, …; the last holds for all below"
    )
    page: int = Field(default=10, ge=1, le=200, description="hits on a page where the search did not tell")


class LongTerm(Strict):
    """What stays: half of it is forgotten in `half_life_days`."""

    half_life_days: Positive = 30.0
    precision: Positive = 4.0


class Session(Strict):
    """What a visit is about: half of it is forgotten in `half_life_minutes`."""

    half_life_minutes: Positive = 30.0
    precision: Positive = 24.0


class Gate(Strict):
    """How much of the taste counts for a search.

    Queries up to the specificity `broad` get all of it, the most specific ones the share `at_most_specific`,
    linearly between. `evidence`: what is known of a shopper counts as far as it foretold the clicks better
    than relevance alone, beginning with the chance `prior` that a shopper has a taste at all: a higher one
    helps shoppers with a taste earlier and costs those without more.
    """

    broad: Share = 0.9
    at_most_specific: Share = 0.5
    evidence: bool = True
    prior: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Guardrails(Strict):
    """What personalization never does to a list."""

    floor: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="nothing below this relevance score is promoted; none: see `floor_share`",
    )
    floor_share: Share = Field(
        default=0.35, description="or: nothing in the lowest share between the list's best and worst score"
    )
    rank_shift: int = Field(default=20, ge=0, le=1000, description="places that a hit may rise or fall")
    exposure_cap: Share = Field(
        default=0.6, description="share of one value in the first hits beyond which it is not raised further"
    )
    exposure_first: int = Field(default=10, ge=1, le=100, description="how many hits are the first")
    exposure_attributes: list[Name] = Field(default=["brand"], max_length=8)


class Personalization(Strict):
    """What is learned about shoppers and how it counts. In a profile:

    ```yaml
    personalization:
      attributes:
        brand: {field: brand}
        category: {field: category, values: 2, precision: 8}
        price_band: {field: price, bands: 1}
      slopes:
        price_level: {field: price, form: log, within: category}
      item_vector: {field: image_vector, dimensions: 384}
      calibration: {slope: 0.9, intercept: -1.8}
    ```
    """

    enabled: bool = True
    strength: Share = Field(default=1.0, description="of the effect; a search may ask for another")
    browsing: Share = Field(
        default=0.0,
        description="what is left of the strength where no words are searched, on a category page say: "
        "taste alone then decides within `guardrails.rank_shift`",
    )
    attributes: dict[Name, Attribute] = Field(
        default={
            "brand": Attribute(field="brand"),
            "category": Attribute(field="category", precision=8.0),
            "color": Attribute(field="color", precision=6.0),
        },
        max_length=10,
    )
    slopes: dict[Name, Slope] = Field(
        default={
            "price_level": Slope(field="price", form="log", within="category"),
            "rating": Slope(field="rating"),
        },
        max_length=6,
    )
    kinship: Kinship | None = Field(
        default=None,
        description="a file (its path from the profile's folder) of values that the same shoppers like, or "
        "the kinship itself",
    )
    item_vector: ItemVector | None = Field(default=None, description="left out: vectors are not looked at")
    clip: Annotated[float, Field(gt=0, le=10)] = Field(
        default=3.0, description="the greatest effect, in logits of a click"
    )
    calibration: Calibration = Calibration()
    weights: EventWeights = EventWeights()
    examination: Examination = Examination()
    long_term: LongTerm = LongTerm()
    session: Session = Session()
    centre: bool = Field(
        default=True, description="learn how a hit differs from its list, not what the query was about"
    )
    page_close_seconds: Positive = Field(
        default=120.0,
        description="quiet after which another search closes a page: what was not clicked then counts",
    )
    gate: Gate = Gate()
    guardrails: Guardrails = Guardrails()

    @model_validator(mode="after")
    def _usable(self) -> "Personalization":
        self._refuse_protected()
        if not self.attributes and not self.slopes and self.item_vector is None:
            raise ValueError(
                "there is nothing to learn: name at least one of `attributes`, `slopes` or `item_vector`, "
                "or leave the section out"
            )
        if "kinship" in self.attributes.keys() | self.slopes.keys():
            raise ValueError("`kinship` is what values have in common: give the attribute another name")
        both = sorted(self.attributes.keys() & self.slopes.keys())
        if both:
            raise ValueError(
                f"`{both[0]}` is the name of an attribute and of a slope: give one of them another name"
            )
        if "item_vector" in self.attributes or "item_vector" in self.slopes:
            raise ValueError(
                "`item_vector` is what the part of items' vectors is called: give the attribute or slope "
                "another name"
            )
        unknown = [name for name in self.guardrails.exposure_attributes if name not in self.attributes]
        given = "guardrails" in self.model_fields_set
        if unknown and given and "exposure_attributes" in self.guardrails.model_fields_set:
            raise ValueError(
                f"`guardrails.exposure_attributes`: `{unknown[0]}` is not among `attributes`: "
                f"{', '.join(self.attributes) or 'there are none'}"
            )
        return self

    def _refuse_protected(self) -> None:
        named: dict[str, Attribute | Slope | ItemVector] = {**self.attributes, **self.slopes}
        if self.item_vector is not None:
            named["item_vector"] = self.item_vector
        for name, part in named.items():
            for word in (name, part.field):
                found = protected_word(word)
                if found:
                    raise ValueError(
                        f"`{name}` (field `{part.field}`) is about `{found}`, which nobody is ranked by: "
                        "remove it. Where shoppers ask for it themselves, let them filter by it"
                    )

    def fields(self) -> list[str]:
        """The document fields that are read, in a stable order."""
        parts: list[Attribute | Slope] = [*self.attributes.values(), *self.slopes.values()]
        groups = [slope.within for slope in self.slopes.values() if slope.within]
        vectors = [self.item_vector.field] if self.item_vector is not None else []
        return list(dict.fromkeys([*(part.field for part in parts), *groups, *vectors]))
