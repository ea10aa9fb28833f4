import subprocess
import sys
from pathlib import Path

from processes import environment

PROGRAM = Path(__file__).parent.parent / "bench" / "kill_builds.py"


def test_killed_builds_leave_the_site_whole() -> None:
    """After each of four builds killed at random moments the current release is whole and free.

    `make soak` kills 100.
    """
    told = subprocess.run(
        [sys.executable, str(PROGRAM), "--builds", "4", "--seed", "5"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert "killed while" in told.stdout
    assert told.stdout.endswith("after each the site was whole\n")
