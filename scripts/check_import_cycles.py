"""Fail where project modules import each other in a cycle, imports inside functions included.

    python scripts/check_import_cycles.py

The graph is built by grimp, which import-linter brings. It holds every `import` statement of `bot` and `cogs`,
wherever it stands, also below `if TYPE_CHECKING`. Each cycle is printed as the modules in it, with the imports
that join them. The exit status is 1 where there is one.
"""

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

PACKAGES = ("bot", "cogs")


def find_cycles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that import each other in a cycle: the graph's strongly connected components.

    `imports` maps each module to the modules that it imports.
    """
    # Each module's group, named after one of its modules. A cycle among groups makes one group of them.
    group_of = {module: module for module in imports}
    while True:
        graph: dict[str, set[str]] = {}
        for module, imported in imports.items():
            group = group_of[module]
            graph.setdefault(group, set()).update(
                {group_of[other] for other in imported & imports.keys()} - {group}
            )
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle = error.args[1]
            group_of = {module: cycle[0] if group in cycle else group for module, group in group_of.items()}
        else:
            break
    cycles = ({module for module in imports if group_of[module] == group} for group in sorted(graph))
    return [modules for modules in cycles if len(modules) > 1]


def main() -> int:
    """Print every cycle; return 1 if there is any, else 0."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where grimp finds the packages
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    cycles = find_cycles(imports)
    for members in cycles:
        print(f"cycle of {len(members)} modules:")
        for module in sorted(members):
            print(f"  {module} imports {', '.join(sorted(imports[module] & members))}")
    print(f"{len(imports)} modules, {len(cycles)} import cycles")
    return 1 if cycles else 0


if __name__ == "__main__":
    sys.exit(main())
