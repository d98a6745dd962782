"""No line of this package could run code that stands in a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "forecast_cli"
MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve", "yaml", "runpy", "code"}
NAMES = {"eval", "exec", "compile", "__import__"}
CALLS = {
    ("joblib", "load"), ("torch", "load"), ("torch", "compile"), ("np", "load"),
    ("numpy", "load"), ("pd", "read_pickle"), ("pandas", "read_pickle"), ("pd", "eval"),
    ("os", "system"), ("os", "popen"), ("jit", "load"), ("hub", "load"), ("package", "load"),
    ("np", "loadtxt"), ("subprocess", "getoutput"), ("ctypes", "CDLL"),
}  # fmt: skip


def runs_code(tree: ast.AST) -> Iterator[str]:
    """What in a program reads code from data, or hands data to a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [module or ""] if module else [alias.name for alias in node.names]
            yield from (name for name in names if name.partition(".")[0] in MODULES)
            if module is not None and not module.startswith("safetensors"):
                last = module.rpartition(".")[2]
                yield from (f"{last}.{a.name}" for a in node.names if (last, a.name) in CALLS)
        if isinstance(node, ast.Call):
            made = node.func
            if isinstance(made, ast.Name) and made.id in NAMES:
                yield made.id
            if isinstance(made, ast.Attribute):
                owner = made.value
                last = getattr(owner, "attr", getattr(owner, "id", ""))
                if (last, made.attr) in CALLS:
                    yield f"{last}.{made.attr}"
            if any(k.arg in ("shell", "allow_pickle") and _true(k.value) for k in node.keywords):
                yield "shell or allow_pickle"


def _true(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and value.value is False)


def test_nothing_in_the_package_runs_what_a_file_says() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: {what}"
        for path in PACKAGE.rglob("*.py")
        for what in runs_code(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "torch.load(x)",
        "joblib.load(x)",
        "from joblib import load",
        "eval(x)",
        "__import__(x)",
        "np.load(x)",
        "pd.read_pickle(x)",
        "subprocess.run(x, shell=True)",
        "np.lib.npyio.read(x, allow_pickle=flag)",
    ],
)
def test_the_search_itself_finds_what_it_looks_for(line: str) -> None:
    assert list(runs_code(ast.parse(line)))
