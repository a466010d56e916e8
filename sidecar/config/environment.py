"""Settings from environment variables, read by pydantic-settings."""

import difflib
import os
from typing import Any

from pydantic import BaseModel, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from sidecar.config.errors import ConfigurationError

PREFIX = "RESHELF_"
DELIMITER = "__"


def settings_from_environment(model: type[BaseModel]) -> dict[str, Any]:
    """The part of `model` that RESHELF_ variables give, nested as the model is; not checked yet.

    A variable `RESHELF_A__B` whose `A` is no section raises ConfigurationError. Names without `__` that
    are no key of the model belong to other parts of the product (RESHELF_CACHE) and are left alone.
    """
    for name in sorted(os.environ):
        section = name[len(PREFIX) :].split(DELIMITER)[0].lower()
        if name.startswith(PREFIX) and DELIMITER in name and section not in model.model_fields:
            raise ConfigurationError(_unknown(name, section, model))
    fields: dict[str, Any] = {name: (field.annotation, None) for name, field in model.model_fields.items()}
    settings_class = create_model(f"{model.__name__}FromEnvironment", __base__=BaseSettings, **fields)
    try:
        return EnvSettingsSource(settings_class, env_prefix=PREFIX, env_nested_delimiter=DELIMITER)()
    except SettingsError as error:
        raise ConfigurationError(
            f"environment: {error}. A variable for a whole section holds JSON; for one key write "
            f"{PREFIX}SECTION{DELIMITER}KEY."
        ) from error


def _unknown(name: str, section: str, model: type[BaseModel]) -> str:
    near = difflib.get_close_matches(section, model.model_fields, n=1)
    hint = f" Did you mean {PREFIX}{near[0].upper()}{DELIMITER}…?" if near else ""
    allowed = ", ".join(sorted(model.model_fields))
    return f"environment: {name}: unknown section `{section}`.{hint} Allowed: {allowed}. Unset or correct it."
