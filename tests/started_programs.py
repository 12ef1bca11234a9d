"""Which programs source files start, by their syntax trees; ``test_setup_packages`` compares them with the set-up."""

from __future__ import annotations

import ast
from pathlib import Path

STARTERS = {
    *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
    *(f"asyncio.create_subprocess_{name}" for name in ("exec", "shell")),
    "shutil.which",
    "os.system",
    "os.execvp",
    "os.posix_spawnp",
}
OURSELVES = "sys.executable"  # Python, the one that runs


def started_programs(path: Path) -> dict[str, int]:
    """What a file starts, with the line of the call: a program's name, or the expression that says it, in brackets."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    values = _assigned_values(module)
    found: dict[str, int] = {}
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        if ast.unparse(call.func) in STARTERS and call.args:
            for program in _resolve_programs(call.args[0], values) - {OURSELVES}:
                found.setdefault(program, call.lineno)
    return found


def _assigned_values(module: ast.Module) -> dict[str, list[ast.expr]]:
    """All that each name or attribute is given anywhere in the file."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in targets:
                values.setdefault(ast.unparse(target), []).append(node.value)
    return values


def _resolve_programs(expression: ast.expr, values: dict[str, list[ast.expr]]) -> set[str]:
    """The programs that a command may begin with."""
    if isinstance(expression, ast.Starred):
        return _resolve_programs(expression.value, values)
    if isinstance(expression, ast.List | ast.Tuple) and expression.elts:
        return _resolve_programs(expression.elts[0], values)
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return {expression.value.split()[0]}
    name = ast.unparse(expression)
    if name == OURSELVES:
        return {OURSELVES}
    others = {key: given for key, given in values.items() if key != name}  # a name may be given its own value
    found = {program for value in values.get(name, []) for program in _resolve_programs(value, others)}
    return found or {f"[{name}]"}
