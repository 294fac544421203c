"""S14: the quickstart talks to nobody: no connection leaves the machine, nor is one tried."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import GLEDE, environment

SAMPLES = Path(__file__).parents[2] / "samples"
COUNT = "awk '/^Ip:/ {if (seen) print $12 + $13; seen = 1}' /proc/net/snmp"
"""Packets that had no way out (OutDiscards + OutNoRoutes) of this network namespace."""


def isolated(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a network namespace of its own that holds nothing but a loopback."""
    command = [
        "unshare",
        "--net",
        "--map-root-user",
        "sh",
        "-ec",
        f"ip link set lo up 2>/dev/null || true\n{script}",
    ]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lonely")
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("unshare or ip is not installed")
    if isolated("true", folder).returncode != 0:
        pytest.skip("network namespaces may not be made here")
    return folder


def test_the_detector_sees_an_attempt(lonely: Path) -> None:
    script = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))"
    attempt = f"{sys.executable} -c {shlex.quote(script)} 2>/dev/null || true"
    done = isolated(f"{attempt}\n{COUNT}", lonely)
    assert int(done.stdout.split()[-1]) > 0, done


def test_the_quickstart_runs_and_tries_no_connection(lonely: Path) -> None:
    script = f"""
    {GLEDE} add {SAMPLES} -q >&2
    {GLEDE} "How many pairs of red kites nest at the observatory?" > answer
    {GLEDE} doctor >&2
    {COUNT}
    """
    done = isolated(script, lonely)
    assert done.returncode == 0, done.stderr
    assert "Fourteen pairs" in (lonely / "answer").read_text()
    assert done.stdout.split()[-1] == "0", done.stdout


def test_no_module_of_ours_can_reach_out() -> None:
    """No HTTP client is imported anywhere in the package: there is nothing to configure wrongly."""
    source = Path(__file__).parents[2] / "src" / "glede"
    clients = re.compile(
        r"^\s*(?:import|from) (?:requests|httpx|aiohttp|urllib\.request|urllib3|http\.client)\b", re.M
    )
    for path in source.rglob("*.py"):
        assert not clients.search(path.read_text()), path
