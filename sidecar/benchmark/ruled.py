"""A sidecar with rules in force, and a ranking profile that leaves them out, to compare the two."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sidecar.rules.folder_releases import FolderReleases
from sidecar.rules.rule_set import RuleSet

WITHOUT_RULES = "without-rules"
"""The default profile, its layout switched off: no rule holds, and what only rules read is not sent."""


def ruled_settings(folder: Path, plugin_config: Path, rules: RuleSet) -> Mapping[str, Any]:
    """Publishes the rules into `folder`, and makes profiles there; settings of a sidecar that has both."""
    # Profiles name their blends by paths from where they lie.
    for part in ("profiles", "blends"):
        shutil.copytree(plugin_config / part, folder / part)
    profile = yaml.safe_load((folder / "profiles" / "default.yml").read_text(encoding="utf-8"))
    profile["layout"] = {**profile.get("layout", {}), "enabled": False}
    text = yaml.safe_dump(profile, sort_keys=False, allow_unicode=True)
    (folder / "profiles" / f"{WITHOUT_RULES}.yml").write_text(text, encoding="utf-8")
    published = folder / "rules"
    FolderReleases(published).publish(rules.to_json(), who="bench", why="to be measured", expected=0)
    return {
        "profiles": {"folder": str(folder / "profiles")},
        "rules": {"kind": "folder", "folder": {"path": str(published)}},
    }
