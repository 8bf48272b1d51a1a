"""Detection of modules that import each other in a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["strongly_connected"]


def strongly_connected(graph: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """The strongly connected component of each node (Tarjan's algorithm, without recursion).

    Args:
        graph: The successors of each node; successors that are not nodes are ignored.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: dict[str, frozenset[str]] = {}
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in graph:
                    continue
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    stack.append(successor)
                    on_stack.add(successor)
                    work.append((successor, iter(sorted(graph[successor]))))
                    break
                if successor in on_stack:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members: set[str] = set()
                    while node not in members:
                        members.add(stack.pop())
                    on_stack -= members
                    found.update(dict.fromkeys(members, frozenset(members)))
    return found
