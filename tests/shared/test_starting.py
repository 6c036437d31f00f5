"""What a start costs: what is looked for, read and imported only where it is needed."""

import subprocess
import sys

from shared.trust import authorities


def said(code: str) -> str:
    """What a fresh interpreter prints."""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_cycles_are_looked_for_once_a_process_serves() -> None:
    code = (
        "import gc; from shared.serving import collect_seldom; gc.disable(); collect_seldom();"
        "print(gc.isenabled(), gc.get_freeze_count() > 0)"
    )
    assert said(code) == "True True"


def test_what_takes_files_apart_is_imported_by_the_process_that_does_so() -> None:
    code = (
        "import sys, submission.documents.cleaning;"
        "print({'PIL', 'pikepdf'} & sys.modules.keys() or 'neither')"
    )
    assert said(code) == "neither"


def test_a_command_imports_nothing_that_others_alone_need() -> None:
    code = (
        "import sys; from comptoir.cli import comptoir;"
        "comptoir(['doctor', '--help'], standalone_mode=False);"
        "print('comptoir.stack' in sys.modules)"
    )
    assert said(code).endswith("False")


def test_the_authorities_that_are_trusted_are_read_once() -> None:
    assert authorities(trust_env=False) is authorities(trust_env=False)
    assert authorities(trust_env=False) is not authorities()
