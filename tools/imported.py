"""Find what code takes from this project's package, by reading it; nothing is imported.

Where a name comes from is followed through re-exports: ``figures.lines`` stands for the module that
defines ``lines``, and for all that this one imports. What cannot be told counts as used.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import chain
from pathlib import Path

import grimp

from roles import ROOT

PACKAGE = "deeplearn_utils"
IN_BROWSER = {".css", ".js"}  # what they do to a panel leaves no trace in a stored notebook


class Package:
    """The modules of one package: what each imports, defines and says."""

    def __init__(self, name: str = PACKAGE, root: Path = ROOT) -> None:
        self.name, self.root = name, root
        self.graph = grimp.build_graph(
            name, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
        )
        self.tree = cache(self._tree)
        self.digest = cache(self._digest)
        self.bindings = cache(self._bindings)
        self.directly_imported = cache(self._directly_imported)

    @cached_property
    def modules(self) -> set[str]:
        """Every module and package below this one, itself included."""
        return {m for m in self.graph.modules if f"{m}.".startswith(f"{self.name}.")}

    def file(self, module: str) -> Path:
        """Return the file of a module."""
        path = self.root.joinpath(*module.split("."))
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def module(self, path: Path) -> str | None:
        """Return the module that a file is, or None if it is none of this package."""
        parts = path.relative_to(self.root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return name if path.suffix == ".py" and name in self.modules else None

    def is_package(self, module: str) -> bool:
        """Tell a package from a module that is one file."""
        return self.file(module).name == "__init__.py"

    def below(self, module: str) -> set[str]:
        """Return the modules inside a package."""
        return {other for other in self.modules if other.startswith(f"{module}.")}

    def _tree(self, module: str) -> ast.Module:
        file = self.file(module)
        return ast.parse(file.read_bytes() if file.exists() else b"")

    def _digest(self, module: str) -> str:
        return digest(repr(said(self.tree(module))))

    def closure(self, modules: Iterable[str]) -> set[str]:
        """Return these modules and all that they import, packages of others by their first name."""
        found, todo = set(), list(modules)
        while todo:
            module = todo.pop()
            if module not in found:
                found.add(module)
                todo += self.directly_imported(module) if module in self.modules else ()
        return found

    def _directly_imported(self, module: str) -> set[str]:
        """Return what a module imports, also by a name in a string, or by a package that acts."""
        found = set(self.graph.find_modules_directly_imported_by(module))
        text = self.file(module).read_text(encoding="utf-8")
        if re.search(rf"""['"]{self.name}\.""", text):
            found |= {node.value for node in telling(self.tree(module)) if is_string(node)}
            found &= set(self.graph.modules)
        if re.search(r"\b(import_module|__import__|__getattr__)\b", text):
            home = module if self.is_package(module) else module.rpartition(".")[0]
            found |= self.below(home)
        parts = module.split(".")
        above = {".".join(parts[:end]) for end in range(1, len(parts))}
        return found | {package for package in above if acts(self.tree(package))}

    def used_by(self, trees: Iterable[ast.AST], home: str = "") -> set[str]:
        """Return the modules that decide what a program's names of this package are.

        ``home`` is the module or package in which relative imports of the program start.
        """
        trees = list(trees)
        aliases: dict[str, set[str]] = {}
        found, used = set(), set()
        for node in chain.from_iterable(map(telling, trees)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name in self.modules:
                        found |= {alias.name} if "." in alias.name and not alias.asname else set()
                        target = alias.name if alias.asname else self.name
                        aliases.setdefault(alias.asname or self.name, set()).add(target)
            elif isinstance(node, ast.ImportFrom):
                base = absolute(node, home)
                for alias in node.names if base in self.modules else ():
                    if f"{base}.{alias.name}" in self.modules and not self.binds(base, alias.name):
                        name = alias.asname or alias.name
                        aliases.setdefault(name, set()).add(f"{base}.{alias.name}")
                    elif alias.name == "*":
                        found.add(base)
                    else:
                        found |= self.origins(base, [alias.name])
            elif is_string(node):
                found |= self.named_in(node.value)
        for name, attributes in chain.from_iterable(map(chains, trees if aliases else ())):
            for target in aliases.get(name, ()):
                used.add(name)
                found |= self.origins(target, attributes)
        return found.union(*(targets for name, targets in aliases.items() if name not in used))

    def named_in(self, text: str) -> set[str]:
        """Return the modules whose full name stands in a string (a magic, a command)."""
        found = set()
        for name in re.findall(rf"\b{self.name}(?:\.\w+)*", text):
            while name not in self.modules:
                name = name.rpartition(".")[0]
            found.add(name)
        if f"-m {self.name}" in text:
            found |= {f"{self.name}.__main__"} & self.modules
        return found

    def origins(self, module: str, names: list[str]) -> set[str]:
        """Return the modules that decide what ``module.name...`` is."""
        if not names:
            return {module}
        name, *rest = names
        found = set()
        if f"{module}.{name}" in self.modules:
            found |= self.origins(f"{module}.{name}", rest)
            if not self.binds(module, name):
                return found
        imported, others, has_star = self.bindings(module)
        if name in imported and name not in others:
            base, original = imported[name]
            if base in self.modules:
                return found | self.origins(base, [original, *rest])
        elif name not in imported and name not in others and "__getattr__" in others:
            definers = [m for m in self.below(module) if name in self.bindings(m)[1]]
            if len(definers) == 1 and not has_star:
                return found | set(definers)
        return found | {module}

    def binds(self, module: str, name: str) -> bool:
        """Tell whether a module gives this name a meaning of its own."""
        imported, others, _ = self.bindings(module)
        origin = imported.get(name, ("", ""))
        return name in others or (name in imported and ".".join(origin) != f"{module}.{name}")

    def _bindings(self, module: str) -> tuple[dict[str, tuple[str, str]], set[str], bool]:
        """Return a module's names: imported from where, bound otherwise; and if by a star."""
        home = module if self.is_package(module) else module.rpartition(".")[0]
        imported, others, has_star = {}, set(), False
        for statement in self.tree(module).body:
            if isinstance(statement, ast.ImportFrom):
                base = absolute(statement, home)
                for alias in statement.names:
                    name = alias.asname or alias.name
                    has_star |= name == "*"
                    others |= {name} & set(imported)
                    imported[name] = (base, alias.name)
            elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                others.add(statement.name)
            else:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        others.add(node.id)
                    elif isinstance(node, ast.Import | ast.ImportFrom):
                        others |= {a.asname or a.name.split(".")[0] for a in node.names}
                    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                        others.add(node.name)
        return imported, others, has_star


def absolute(node: ast.ImportFrom, home: str) -> str:
    """Return the full name of the module from which a statement imports."""
    if not node.level:
        return node.module or ""
    parts = home.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, node.module] if node.module else parts)


@cache
def telling(tree: ast.AST) -> list[ast.Import | ast.ImportFrom | ast.Constant]:
    """Return the imports and the strings of a program."""
    kinds = ast.Import, ast.ImportFrom, ast.Constant
    found = (node for node in ast.walk(tree) if isinstance(node, kinds))
    return [node for node in found if not isinstance(node, ast.Constant) or is_string(node)]


def chains(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield each name that code uses, with the attributes that follow it."""
    todo = [tree]
    while todo:
        node, attributes = todo.pop(), []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id, attributes
        todo += ast.iter_child_nodes(node)


def is_string(node: ast.AST) -> bool:
    """Tell whether a node is a string constant."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def acts(tree: ast.Module) -> bool:
    """Tell whether importing a module does more than give names to things."""
    quiet = (
        *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    )
    return not all(isinstance(node, quiet) or is_docstring(node) for node in tree.body)


def is_docstring(node: ast.AST) -> bool:
    """Tell whether a statement is a string that stands alone."""
    return isinstance(node, ast.Expr) and is_string(node.value)


def said(node: object) -> object:
    """Return what code says, without comments, docstrings, format and Python's version."""
    if isinstance(node, ast.JoinedStr):  # Python 3.12.1 ends some with an empty text
        return [
            "JoinedStr",
            *(said(part) for part in node.values if getattr(part, "value", 1) != ""),
        ]
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node))
        kept = [(name, said(value)) for name, value in fields if value not in (None, [])]
        return [type(node).__name__, *kept]
    if isinstance(node, list):
        return [said(item) for item in node if not is_docstring(item)]
    return repr(node)


def digest(text: str | bytes) -> str:
    """Return a short hash."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:8]
