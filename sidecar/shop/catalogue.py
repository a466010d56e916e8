"""What the shop sells: kinds of products with their words, from catalogue/*.yml and colors.yml."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


@dataclass(frozen=True, slots=True)
class Forms:
    """The ways to say one thing: English words, the most common first, and the Chinese word."""

    english: tuple[str, ...]
    chinese: str


def parse_forms(text: object) -> Forms:
    """`sofa / couch / 沙发`: the last form is the Chinese one. Raises ValueError if there is only one."""
    if isinstance(text, Forms):
        return text
    forms = str(text).split(" / ")
    if len(forms) < 2 or not all(form.strip() for form in forms):
        raise ValueError(f"expected `English / … / Chinese`, found {text!r}")
    return Forms(tuple(forms[:-1]), forms[-1])


Words = Annotated[Forms, BeforeValidator(parse_forms)]


class Entry(BaseModel):
    """A part of the catalogue's files: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ProductType(Entry):
    """One kind of product.

    `axes` are its attributes with their values; `near` are types that some shoppers take instead;
    `fits` makes it an accessory of another type.
    """

    names: Words
    leaf: Words
    price: tuple[float, float]
    colors: list[str] = Field(min_length=1)
    axes: dict[str, dict[str, Words]]
    uses: dict[str, Words] = Field(min_length=1)
    praise: list[Words] = Field(min_length=1)
    near: list[str] = []
    fits: str | None = None


class Department(Entry):
    """One file of catalogue/: types that stand together in the category tree and share their brands."""

    path: list[str]
    path_zh: list[str]
    brands: list[str]
    brands_zh: list[str]
    types: dict[str, ProductType]


@dataclass(frozen=True)
class Catalogue:
    """All departments by file name, in alphabetical order, and the colours by name."""

    departments: dict[str, Department]
    colors: dict[str, Forms]
    types: dict[str, ProductType]
    department_of: dict[str, str]

    def accessories_of(self, name: str) -> list[str]:
        return [other for other, entry in self.types.items() if entry.fits == name]


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that comes with the package. Raises ValueError where the files contradict each other."""
    here = resources.files("sidecar.shop")
    colors = {name: parse_forms(text) for name, text in _read(here.joinpath("colors.yml")).items()}
    files = sorted(here.joinpath("catalogue").iterdir(), key=lambda file: file.name)
    departments = {
        file.name.removesuffix(".yml"): Department.model_validate(_read(file))
        for file in files
        if file.name.endswith(".yml")
    }
    types: dict[str, ProductType] = {}
    department_of: dict[str, str] = {}
    for name, department in departments.items():
        for kind, entry in department.types.items():
            if kind in types:
                raise ValueError(f"catalogue/{name}.yml: `{kind}` is also in {department_of[kind]}.yml")
            types[kind], department_of[kind] = entry, name
    catalogue = Catalogue(departments, colors, types, department_of)
    _check(catalogue)
    return catalogue


def _read(file: Any) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return data


def _check(catalogue: Catalogue) -> None:
    for kind, entry in catalogue.types.items():
        unknown = [other for other in (*entry.near, entry.fits) if other and other not in catalogue.types]
        unknown += [color for color in entry.colors if color not in catalogue.colors]
        if unknown:
            raise ValueError(f"catalogue: `{kind}` names {', '.join(unknown)}, which is nowhere")
