"""Who asks a rule in the flow, read off the code: what an agent or the arbitration reaches by name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import skymarshal
from skymarshal.domain.catalogue import Rule

__all__ = ["askers", "every_name"]

Name: TypeAlias = tuple[str, str]
"""A module and what it defines at its top level."""

_PACKAGE: Final = Path(skymarshal.__file__).parent
_ROOT: Final = "skymarshal"
_ARBITRATION: Final = (f"{_ROOT}.recovery.arbitrator", "arbitrate")


def askers(rule: Rule) -> tuple[str, ...]:
    """Return the agents that ask a rule, and the arbitration if it does, in either of the rule's forms."""
    wanted = {(rule.calculator.__module__, rule.name)}
    wanted |= {(f"{_ROOT}.{module}", name) for module, _, name in (one.rpartition(".") for one in rule.forms)}
    return tuple(asker for asker, reached in _reached().items() if not wanted.isdisjoint(reached))


def every_name() -> frozenset[str]:
    """Return every top-level name of the package, dotted, without the package's own."""
    return frozenset(f"{module}.{name}".removeprefix(f"{_ROOT}.") for module, name in _uses())


@cache
def _reached() -> Mapping[str, frozenset[Name]]:
    from skymarshal.agents import AGENTS

    starts = {agent.value: (ask.__module__, ask.__name__) for agent, ask in AGENTS.items()}
    return {asker: _closure(start) for asker, start in {**starts, "arbitration": _ARBITRATION}.items()}


def _closure(start: Name) -> frozenset[Name]:
    found, waiting = {start}, [start]
    while waiting:
        new = _uses().get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return frozenset(found)


@cache
def _uses() -> Mapping[Name, frozenset[Name]]:
    """Return which other names each top-level name of the package uses."""
    modules = dict(_modules())
    imports = {module: dict(_imports(tree)) for module, tree in modules.items()}
    defined = {module: dict(_defined(tree)) for module, tree in modules.items()}

    def resolve(module: str, name: str, seen: tuple[Name, ...] = ()) -> Name | None:
        if name in defined.get(module, {}):
            return module, name
        if (module, name) in seen or name not in imports.get(module, {}):
            return None
        source, original = imports[module][name]
        return resolve(source, original, (*seen, (module, name))) or (
            (f"{source}.{original}", "") if f"{source}.{original}" in modules else None
        )

    def used(module: str, node: ast.AST) -> Iterator[Name]:
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                found = resolve(module, one.id)
                if found is not None and found[1]:
                    yield found
            elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                holder = resolve(module, one.value.id)
                if holder is not None and not holder[1]:
                    found = resolve(holder[0], one.attr)
                    if found is not None and found[1]:
                        yield found

    return {
        (module, name): frozenset(used(module, node))
        for module, names in defined.items()
        for name, node in names.items()
    }


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[tuple[str, Name]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(_ROOT):
            for alias in node.names:
                yield alias.asname or alias.name, (node.module, alias.name)


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for name in _targets(node.targets if isinstance(node, ast.Assign) else [node.target]):
                yield name, node


def _targets(nodes: Iterable[ast.expr]) -> Iterator[str]:
    return (node.id for node in nodes if isinstance(node, ast.Name))
