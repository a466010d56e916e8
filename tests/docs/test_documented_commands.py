"""What the documents and the help texts show can be typed as it stands."""

import re

import pytest
from typer.testing import CliRunner

from sidecar.cli.main import app
from tests.docs.commands import ROOT, command_line, documented_commands, leaves, problem_with

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_readme_shows_commands() -> None:
    assert len(list(documented_commands((ROOT / "README.md").read_text()))) >= 5


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_documented_command_parses(document) -> None:
    problems = [problem_with(line) for line in documented_commands(document.read_text())]
    assert [problem for problem in problems if problem] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(document) -> None:
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_documented_make_target_exists(document) -> None:
    makefile = (ROOT / "Makefile").read_text()
    code = "\n".join(re.findall(r"`[^`\n]+`|```.*?```", document.read_text(), re.DOTALL))
    shown = re.findall(r"\bmake ([a-z][a-z-]+)", code)
    assert [target for target in shown if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("path", [path for path, _ in leaves(command_line())], ids=" ".join)
def test_every_command_has_help_with_an_example(path) -> None:
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0
    assert "xample" in result.output, "show an example in the command's docstring"


@pytest.mark.parametrize("path", [path for path, _ in leaves(command_line())], ids=" ".join)
def test_the_examples_in_the_help_parse(path) -> None:
    text = dict(leaves(command_line()))[path].help or ""
    shown = [
        line.strip(" `$") for line in text.splitlines() if re.match(r"^[\s`$]*reshelf ", line)
    ] + re.findall(r"`(reshelf [^`]+)`", text)
    assert [problem for line in shown if (problem := problem_with(line))] == []
