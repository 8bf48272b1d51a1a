"""Bundles a spec and the files it refers to into one document, and records the file and line of every value.

References between files become references inside the bundle: the target in another file becomes a component of the
same name; path items and extensions are copied in place. The result does not depend on the order of traversal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, cast
from urllib.parse import unquote

from attrs import define, field, frozen

from sdkgen.pointers import LONGEST_CHAIN, as_list, as_object, child, parent, resolve, split
from sdkgen.problems import Problem, ProblemsFound, did_you_mean, sort_problems
from sdkgen.source import MAX_VALUES, Source, display_name, load
from sdkgen.structure import COMPONENT_KINDS, DATA, child_kind, kind_at

__all__ = ["Bundle", "bundle"]

SECTIONS: Mapping[str, str] = {kind: section for section, kind in COMPONENT_KINDS.items()}
_COMPONENT_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_SHARED_EXTENSIONS = frozenset({"x-responses", "x-client", "x-table", "x-token-lifecycle"})
_MAPPED = "schema-name"  # a member of discriminator.mapping
_EXTENSION = "extension"  # one of our extensions, in which a reference to another file is replaced by its target
_PUT_IN_PLACE = frozenset({"path-item", "operation", _EXTENSION})  # OpenAPI has no `$ref` for operations, bundlers do

_LEFT_OUT: Any = object()

Place = tuple[str, int]


@frozen
class Bundle:
    """A whole spec in one document."""

    vendor: str
    path: Path
    name: str
    """The spec as named in messages and generated files: ``specs/cinchy/openapi.yaml``."""
    document: dict[str, Any] = field(repr=False)
    positions: Mapping[str, Place] = field(repr=False)
    """File and line of every value, by JSON Pointer into ``document``."""
    files: tuple[Path, ...] = ()
    """Every file that was read."""
    problems: tuple[Problem, ...] = ()
    """References that could not be resolved. In the document, a schema with such a reference accepts any value, and any
    other object is omitted, so that every remaining reference has a target."""

    def position(self, pointer: str) -> Place:
        """File and line of the value, or of the nearest value that contains it."""
        while pointer and pointer not in self.positions:
            pointer = parent(pointer)
        return self.positions.get(pointer, (self.name, 1))

    def problem(self, pointer: str, what: str, next_step: str = "", **more: Any) -> Problem:
        """Return a problem at this pointer."""
        file, line = self.position(pointer)
        return Problem(file=file, line=line, pointer=pointer, what=what, next_step=next_step, **more)


def bundle(path: Path, *, vendor: str | None = None, base: Path | None = None, root: Path | None = None) -> Bundle:
    """Read a spec and everything it refers to.

    Args:
        path: The document.
        vendor: The vendor's name; default: the name of the document's folder.
        base: References to files outside this folder are problems; default: the document's own folder.
        root: File names are shown relative to this folder; default: the working directory.

    Raises:
        ProblemsFound: The document itself cannot be read. Unresolved references are in ``Bundle.problems``.
    """
    path = path.resolve()
    bundler = _Bundler(
        (base or path.parent).resolve(), (root or Path.cwd()).resolve(), load(path, display_name(path, root))
    )
    try:
        document = bundler.run()
    except RecursionError:
        what = "its references are nested too deeply"
        raise ProblemsFound([Problem(file=bundler.main.name, what=what)]) from None
    return Bundle(
        vendor=vendor or path.parent.name,
        path=path,
        name=bundler.main.name,
        document=document,
        positions=bundler.positions,
        files=tuple(sorted(bundler.sources)),
        problems=tuple(sort_problems(bundler.problems)),
    )


@frozen
class _Origin:
    """A location in a file."""

    source: Source
    pointer: str

    @property
    def key(self) -> tuple[Path, str]:
        return self.source.path, self.pointer

    @property
    def place(self) -> Place:
        return self.source.name, self.source.line(self.pointer)


@define
class _Bundler:
    base: Path
    root: Path
    main: Source
    sources: dict[Path, Source | None] = field(factory=dict[Path, "Source | None"])
    positions: dict[str, Place] = field(factory=dict[str, Place])
    problems: list[Problem] = field(factory=list[Problem])
    names: dict[tuple[str, Path, str], str] = field(factory=dict[tuple[str, Path, str], str])
    """Name of the component that a value in another file has become, by section and origin."""
    taken: dict[tuple[str, str], _Origin] = field(factory=dict[tuple[str, str], _Origin])
    queue: list[tuple[str, str, _Origin]] = field(factory=list[tuple[str, str, _Origin]])
    unfolding: list[tuple[Path, str]] = field(factory=list[tuple[Path, str]])

    def run(self) -> dict[str, Any]:
        self.sources[self.main.path] = self.main
        self.register()
        document = as_object(self.copy(_Origin(self.main, ""), self.main.document, "openapi", ""))
        lifted: dict[str, dict[str, Any]] = {}
        while self.queue:
            section, name, origin = self.queue.pop(0)
            value = resolve(origin.source.document, origin.pointer)
            out = child("/components", section, name)
            lifted.setdefault(section, {})[name] = self.copy(origin, value, COMPONENT_KINDS[section], out)
        components: dict[str, Any] = document.setdefault("components", {}) if lifted else {}
        for section in sorted(lifted):
            own = components.setdefault(section, {})
            own.update(sorted(lifted[section].items()))
        return document

    def register(self) -> None:
        """Register the spec's own components; one that only refers to another file gives its name to the target."""
        for section, members in as_object(self.main.document.get("components")).items():
            for name, member in sorted(as_object(members).items()):
                origin = _Origin(self.main, child("/components", section, name))
                self.taken[section, name] = origin
                written = as_object(member).get("$ref")
                if isinstance(written, str) and section in COMPONENT_KINDS:
                    target = self.leads_to(self.below(origin, "$ref"), written)
                    if target is not None and target.source is not self.main:
                        self.names.setdefault((section, *target.key), name)

    def problem(self, origin: _Origin, what: str, next_step: str = "") -> None:
        file, line = origin.place
        self.problems.append(Problem(file=file, line=line, pointer=origin.pointer, what=what, next_step=next_step))

    def copy(self, origin: _Origin, value: object, kind: str, out: str) -> Any:
        """Return the value with its references rewritten, and record the origin of each part."""
        self.positions[out] = origin.place
        if len(self.positions) > MAX_VALUES:
            what = f"it has more than {MAX_VALUES} values once references are resolved"
            raise ProblemsFound([Problem(file=self.main.name, what=what)])
        if isinstance(value, dict):
            members = as_object(cast(object, value))
            target = members.get("$ref")
            if isinstance(target, str) and (kind in SECTIONS or kind in _PUT_IN_PLACE):
                return self.reference(origin, members, target, kind, out)
            return self.members(origin, members, kind, out)
        if kind == _MAPPED and isinstance(value, str):
            return self.mapped(origin, value)
        if isinstance(value, list):
            items = as_list(cast(object, value))
            return self.items(origin, items, kind, out)
        return value

    def items(self, origin: _Origin, items: list[Any], kind: str, out: str) -> list[Any]:
        result: list[Any] = []
        for index, item in enumerate(items):
            place = child(out, len(result))
            value = self.copy(self.below(origin, index), item, self.kind_of(kind, str(index)), place)
            if value is not _LEFT_OUT:
                result.append(value)
        return result

    def members(self, origin: _Origin, members: Mapping[str, Any], kind: str, out: str) -> dict[str, Any]:
        copied = {
            key: self.copy(self.below(origin, key), member, self.kind_of(kind, key), child(out, key))
            for key, member in members.items()
        }
        return {key: value for key, value in copied.items() if value is not _LEFT_OUT}

    @staticmethod
    def below(origin: _Origin, key: str | int) -> _Origin:
        return _Origin(origin.source, child(origin.pointer, key))

    @staticmethod
    def kind_of(kind: str, key: str) -> str:
        if kind == _EXTENSION or (key in _SHARED_EXTENSIONS and not kind.endswith("{}")):
            return _EXTENSION
        return child_kind(kind, key)

    def reference(self, origin: _Origin, members: dict[str, Any], written: str, kind: str, out: str) -> Any:
        """Return a reference to a component of the bundle, or the copied target."""
        target = self.leads_to(self.below(origin, "$ref"), written)
        if target is None:
            rest = {key: value for key, value in members.items() if key != "$ref"}
            return self.members(origin, rest, kind, out) if kind == "schema" else _LEFT_OUT
        if kind in _PUT_IN_PLACE:
            return self.unfold(origin, members, target, kind, out)
        section = SECTIONS[kind]
        self.check_section(origin, target, section)
        if target.source is self.main:
            pointer = target.pointer
        else:
            pointer = child("/components", section, self.lift(origin, target, section))
            if pointer == out:  # the spec itself gives the target this name
                return self.unfold(origin, members, target, kind, out)
        rest = {key: value for key, value in members.items() if key != "$ref"}
        return {"$ref": "#" + pointer, **self.members(origin, rest, kind, out)}

    def mapped(self, origin: _Origin, written: str) -> str:
        """Return the rewritten target in the mapping of a discriminator: the name of a schema, or a reference."""
        if _COMPONENT_NAME.fullmatch(written) and PurePosixPath(written).suffix not in (".yaml", ".yml", ".json"):
            if origin.source is self.main:
                return written
            written = "#" + child("/components/schemas", written)
        target = self.leads_to(origin, written)
        if target is None:
            return written
        if target.source is self.main:
            return "#" + target.pointer
        return "#" + child("/components/schemas", self.lift(origin, target, "schemas"))

    def check_section(self, origin: _Origin, target: _Origin, section: str) -> None:
        tokens = split(target.pointer)
        if len(tokens) == 3 and tokens[0] == "components" and tokens[1] != section:
            what = f"`$ref` leads to `{tokens[1]}`, where a member of `{section}` is needed"
            self.problem(self.below(origin, "$ref"), what, f"Refer to a member of `components/{section}`.")
            return
        found = kind_at(target.pointer) if target.source is self.main else DATA
        if found not in (DATA, COMPONENT_KINDS[section]):
            what = f"`$ref: #{target.pointer}` leads to no {COMPONENT_KINDS[section].replace('-', ' ')}"
            self.problem(self.below(origin, "$ref"), what, f"Refer to a member of `components/{section}`.")

    def leads_to(self, origin: _Origin, written: str) -> _Origin | None:
        """Return the target of a reference; None after a problem.

        Chains of bare references in other files are followed to their end; a component of the spec ends the chain.
        """
        first, seen = (origin, written), set[tuple[Path, str]]()
        result: _Origin | None = None
        ended = False  # the rest of the chain is followed only to detect cycles and excessive length
        while True:
            target = self.locate(origin, written)
            if target is None or target.key in seen:
                if target is not None and not ended:
                    what = f"`$ref: {first[1]}` is part of a cycle of references"
                    self.problem(first[0], what, "Replace one of the references by a definition.")
                return result if ended else None
            if len(seen) == LONGEST_CHAIN:
                what = f"`$ref: {first[1]}` leads through more than {LONGEST_CHAIN} references"
                self.problem(first[0], what, "Refer to the definition itself.")
                return None
            seen.add(target.key)
            if result is None and target.source is self.main:
                result = target
            value = as_object(resolve(target.source.document, target.pointer))
            onward = value.get("$ref")
            if not isinstance(onward, str) or len(value) > 1:
                result, ended = result or target, True
            if not isinstance(onward, str):
                return result
            origin, written = self.below(target, "$ref"), onward

    def locate(self, origin: _Origin, written: str) -> _Origin | None:
        """Return the direct target of a reference; None after a problem."""
        file, _, fragment = written.partition("#")
        if _SCHEME.match(file):
            step = "Copy the document into the folder of specs and refer to the copy."
            self.problem(origin, f"`$ref: {written}` is remote, and remote documents are not fetched", step)
            return None
        source = self.read(origin, written, unquote(file)) if file else origin.source
        if source is None:
            return None
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            self.problem(
                origin, f"`$ref: {written}` refers to an anchor, not a location", "Write a JSON Pointer: `#/…`."
            )
            return None
        try:
            resolve(source.document, pointer)
        except LookupError:
            self.problem(origin, f"`$ref: {written}` refers to nothing in {source.name}", self.suggest(source, pointer))
            return None
        return _Origin(source, pointer)

    def suggest(self, source: Source, pointer: str) -> str:
        holder = pointer
        while holder:
            holder = parent(holder)
            try:
                members = as_object(resolve(source.document, holder))
            except LookupError:
                continue
            return (
                did_you_mean(split(pointer)[len(split(holder))], members) or f"`#{holder or '/'}` has no such member."
            )
        return ""

    def read(self, origin: _Origin, written: str, file: str) -> Source | None:
        path = _file_next_to(origin.source.path, file)
        if path is None:
            self.problem(origin, f"`$ref: {written[:80]}` names no file", "Name a file next to this one.")
            return None
        if path in self.sources:
            return self.sources[path]
        if not path.is_relative_to(self.base):
            where = display_name(self.base, self.root)
            self.problem(origin, f"`$ref: {written}` leaves the folder {where}", "Keep all files of a spec inside it.")
            return None
        source: Source | None = None
        try:
            source = load(path, display_name(path, self.root))
        except ProblemsFound as found:
            for problem in found.problems:
                if problem.line is None:
                    self.problem(
                        origin, f"`$ref: {written}` cannot be read: {problem.file}: {problem.what}", problem.next_step
                    )
                else:
                    self.problems.append(problem)
        self.sources[path] = source
        return source

    def unfold(self, origin: _Origin, members: dict[str, Any], target: _Origin, kind: str, out: str) -> Any:
        """Return a copy of the target; members next to ``$ref`` take precedence."""
        if target.key in self.unfolding:
            self.problem(self.below(origin, "$ref"), f"`$ref: {members['$ref']}` contains itself", "Break the cycle.")
            return _LEFT_OUT
        self.unfolding.append(target.key)
        value = self.copy(target, resolve(target.source.document, target.pointer), kind, out)
        self.unfolding.pop()
        rest = {key: member for key, member in members.items() if key != "$ref"}
        if not rest:
            return value
        return {**as_object(value), **self.members(origin, rest, kind, out)}

    def lift(self, origin: _Origin, target: _Origin, section: str) -> str:
        """Make the target a component, and return its name."""
        known = self.names.get((section, *target.key))
        if known is not None:
            return known
        tokens = split(target.pointer)
        name = tokens[-1] if tokens else target.source.path.stem
        if not _COMPONENT_NAME.fullmatch(name):
            self.problem(origin, f"`{name}` is not a valid component name", "Rename it: A-Z a-z 0-9 . _ -")
            name = re.sub(r"[^A-Za-z0-9._-]", "_", name) or "_"
        holder = self.taken.get((section, name))
        if holder is not None:
            file, line = holder.place
            what = f"`{name}` of {target.source.name} conflicts with another `{name}` of `{section}` in {file}:{line}"
            self.problem(origin, what, "Rename one of them.")
            name = next(other for number in count(2) if (section, other := f"{name}_{number}") not in self.taken)
        self.taken[section, name] = target
        self.names[section, *target.key] = name
        self.queue.append((section, name, target))
        return name


def _file_next_to(document: Path, name: str) -> Path | None:
    """The path of a file that a document names; ``None`` for a NUL, a name that is too long, or a cycle of links."""
    try:
        path = (document.parent / PurePosixPath(name)).resolve()
        return None if path.is_symlink() else path  # Python 3.13 resolves a cycle of links to itself
    except (OSError, ValueError, RuntimeError):
        return None
