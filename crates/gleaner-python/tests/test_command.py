"""The command that the package carries."""

import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
from test_tagger import command


def test_the_command_has_the_version_and_the_help_of_the_binary() -> None:
    assert command("--version").stdout == f"gleaner {version('gleaner')}\n"
    help_text = command("--help")
    assert help_text.returncode == 0 and "Usage: gleaner [OPTIONS] <COMMAND>" in help_text.stdout
    wrong = command("trian")
    assert wrong.returncode == 2 and "unrecognized subcommand 'trian'" in wrong.stderr


def test_exit_codes_reach_the_shell() -> None:
    missing = command("data", "inspect", "missing.conll")
    assert missing.stderr == "error: missing.conll: no such file or folder; check the path\n"
    assert missing.returncode == 1


def test_output_is_complete_when_the_process_ends() -> None:
    done = command("data", "mentions", "sample:af")
    assert done.returncode == 0 and done.stdout.endswith("\n") and len(done.stdout.splitlines()) > 10


@pytest.mark.skipif(sys.platform == "win32", reason="the name of the script differs")
def test_the_script_is_installed() -> None:
    (script,) = [point for point in entry_points(group="console_scripts") if point.name == "gleaner"]
    assert script.value == "gleaner._command:main"
    assert (Path(sys.executable).parent / "gleaner").is_file()
