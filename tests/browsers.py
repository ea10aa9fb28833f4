"""A browser for tests: that of the system, or the one that `scripts/install-test-tools` brings."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools"
_OWN = TOOLS / "browser"


@dataclass(frozen=True)
class Browser:
    """Chromium, and the folder of the libraries it brings along; empty for that of the system."""

    path: str
    libraries: str = ""

    def run(self, script: str, *arguments: str, seconds: float = 90) -> Any:
        """Run a script of tests/browser/ and give what it has seen."""
        command = ["node", str(ROOT / "tests/browser" / script), str(TOOLS), self.path, *arguments]
        environment = {**os.environ}
        if self.libraries:
            environment["LD_LIBRARY_PATH"] = self.libraries
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def find_browser() -> Browser:
    """Give a browser, or skip the test and say what is missing."""
    if not ((TOOLS / "node_modules/playwright-core").is_dir() and shutil.which("node")):
        pytest.skip("needs Node and .tools, which 'scripts/install-test-tools' fills")
    system = shutil.which("chromium") or shutil.which("google-chrome")
    if system:
        return Browser(system)
    if (_OWN / "chromium").is_file():
        return Browser(str(_OWN / "chromium"), str(_OWN / "al2023/lib"))
    return pytest.skip("needs Chromium, of the system or in .tools/browser")
