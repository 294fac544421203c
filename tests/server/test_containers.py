"""The Dockerfile and the compose file, as far as they can be checked where no engine runs.

Each name in them is looked up where it comes from: files, extras, settings, commands, ports. What they say
that the server needs to write is tried with a server that may write nowhere else.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

from glede.settings import TUTORIAL_NAMES, Settings
from tests.cli.running import GLEDE, environment, glede
from tests.server.serving import key, serving

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRET = re.compile(r"(?i)key|token|password|secret")


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile in order."""
    parser = DockerfileParser(path=str(ROOT))
    return [(one["instruction"], one["value"]) for one in parser.structure if one["instruction"] != "COMMENT"]


@pytest.fixture(scope="module")
def last(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the stage that is run."""
    begin = max(place for place, (name, _) in enumerate(steps) if name == "FROM")
    return steps[begin:]


def values(steps: list[tuple[str, str]], name: str) -> list[str]:
    return [value for instruction, value in steps if instruction == name]


def variables(steps: list[tuple[str, str]]) -> dict[str, str]:
    return dict(pair.split("=", 1) for value in values(steps, "ENV") for pair in value.split())


def check_settings(names: dict[str, str]) -> None:
    for name in names:
        if name.startswith("GLEDE_"):
            assert name.removeprefix("GLEDE_").lower() in Settings.model_fields, name


def test_what_is_copied_is_there_and_let_through(steps: list[tuple[str, str]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    copied = [value.split()[:-1] for value in values(steps, "COPY") if "--from" not in value]
    for file in (one for line in copied for one in line):
        assert (ROOT / file).exists(), file
        assert f"!{file}" in ignored


def test_the_extras_and_files_of_the_build_are_those_of_the_package(steps: list[tuple[str, str]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (extras,) = (value.partition("=")[2] for value in values(steps, "ARG") if value.startswith("EXTRAS="))
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    copied = " ".join(values(steps, "COPY"))
    assert project["readme"] in copied
    assert all(file in copied for file in project["license-files"])
    version = re.search(r"python:(\d+\.\d+)", values(steps, "FROM")[0])
    assert version is not None
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]
    assert len({one.split()[0] for one in values(steps, "FROM")}) == 1


def test_it_runs_as_nobody_in_particular_and_is_asked_whether_it_is_well(
    last: list[tuple[str, str]],
) -> None:
    (user,) = values(last, "USER")
    assert all(int(number) >= 10_000 for number in user.split(":"))
    assert values(last, "VOLUME") == ["/data"]
    assert [int(port) for port in values(last, "EXPOSE")] == [Settings().server_port]
    assert len(values(last, "HEALTHCHECK")) == 1
    assert not values(last, "ADD")


def test_no_secret_is_in_a_layer(steps: list[tuple[str, str]]) -> None:
    for name, value in steps:
        if name in ("ENV", "ARG"):
            assert not SECRET.search(value), value
    assert not any(".env" in value for value in values(steps, "COPY"))


def test_its_settings_and_its_command_are_known(last: list[tuple[str, str]], tmp_path: Path) -> None:
    check_settings(variables(last))
    entry, command = (json.loads(values(last, name)[0]) for name in ("ENTRYPOINT", "CMD"))
    assert entry == ["glede"]
    told = glede(*command, "--help", cwd=tmp_path)
    assert told.code == 0, told.err
    refused = glede(
        *command, "--port", "0", cwd=tmp_path, env={"GLEDE_SERVER_HOST": variables(last)["GLEDE_SERVER_HOST"]}
    )
    assert refused.code == 3  # it is reached from elsewhere, and there is no key yet
    assert "glede keys create" in refused.err


def test_its_own_check_tells_a_server_that_is_well_from_none(
    last: list[tuple[str, str]], tmp_path: Path
) -> None:
    (check,) = values(last, "HEALTHCHECK")
    command = json.loads(check[check.index("CMD") + 3 :])
    assert command[0] == "python"
    key(tmp_path, "me", "admin:*")
    with serving(tmp_path, "--host", variables(last)["GLEDE_SERVER_HOST"]) as server:
        port = server.address.rpartition(":")[2]

        def checked() -> int:
            asked = command[-1].replace(f":{Settings().server_port}/", f":{port}/")
            done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False)
            return done.returncode

        assert checked() == 0
        server.stop()
        assert checked() != 0


READ_ONLY = """
for own in data tmp; do mount --bind {folder}/$own {folder}/$own; done
for place in $(awk '{{print $2}}' /proc/mounts); do
  case $place in
    /proc*|/sys*|/dev*|{folder}/*) ;;
    *) mount -o remount,bind,ro $place ;;
  esac
done
if touch {folder}/x 2>/dev/null; then exit 9; fi
"""
"""A mount namespace in which two folders can be written, and nothing else."""


def test_all_that_it_writes_lies_in_the_data_folder_and_in_tmp(tmp_path: Path) -> None:
    """As in the container, whose root is read-only."""
    for name in ("data", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles.")
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-ec"]
    locked = READ_ONLY.format(folder=tmp_path)
    if shutil.which("unshare") is None or subprocess.run([*unshare, locked], check=False).returncode != 0:
        pytest.skip("mount namespaces may not be made here")
    env = {**environment(tmp_path), "HOME": f"{tmp_path}/data", "TMPDIR": f"{tmp_path}/tmp"}
    script = f"{locked}\n{GLEDE} add kites.txt\n{GLEDE} ask 'What does the red kite eat?'"
    done = subprocess.run(
        [*unshare, script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "eats mice" in done.stdout


def test_the_compose_file_is_one() -> None:
    """By the published schema of the compose specification."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_what_the_compose_file_names_is_in_it() -> None:
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert {one.partition(":")[0] for one in service["volumes"]} <= set(COMPOSE["volumes"]), name
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in SERVICES[other]
        version = service["image"].rpartition(":")[2]
        assert version
        assert version != "latest"
    assert COMPOSE["networks"]["milvus"]["internal"] is True


def test_only_glede_is_reached_and_from_this_machine_alone() -> None:
    own = SERVICES["glede"]
    assert own["ports"] == [f"127.0.0.1:{Settings().server_port}:{Settings().server_port}"]
    assert own["read_only"] is True
    assert own["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in own["security_opt"]
    assert float(own["stop_grace_period"].removesuffix("s")) > 10  # it ends in order within 10 seconds
    for name, service in SERVICES.items():
        if name != "glede":
            assert "ports" not in service
            assert service["profiles"] == ["milvus"]


def test_what_it_sets_is_a_setting_and_no_secret_stands_in_it() -> None:
    own = SERVICES["glede"]["environment"]
    assert all(name.startswith("GLEDE_") or name in TUTORIAL_NAMES for name in own)
    check_settings(own)
    for name, value in own.items():
        if SECRET.search(name):
            assert value == f"${{{name}:-}}"
    given = {name: re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value) for name, value in own.items()}
    made = Settings.model_validate(
        {name.removeprefix("GLEDE_").lower(): value for name, value in given.items()}
    )
    assert made.milvus_uri == ""


def test_the_address_of_milvus_is_that_of_its_service() -> None:
    page = (ROOT / "compose.yaml").read_text() + (ROOT / "docs/deployment.md").read_text()
    addresses = set(re.findall(r"GLEDE_MILVUS_URI=(\S+)", page))
    assert addresses == {"http://milvus:19530"}
    assert SERVICES["milvus"]["environment"]["ETCD_ENDPOINTS"] == "etcd:2379"
    assert SERVICES["milvus"]["environment"]["MINIO_ADDRESS"] == "minio:9000"


def test_the_commands_of_the_page_are_ours() -> None:
    page = (ROOT / "docs/deployment.md").read_text()
    commands = re.findall(r"docker compose run --rm glede (\w+)", page)
    assert commands
    help_ = subprocess.run(
        [sys.executable, "-m", "glede", "--help"], capture_output=True, text=True, check=True
    )
    assert all(f" {command} " in help_.stdout for command in commands)
