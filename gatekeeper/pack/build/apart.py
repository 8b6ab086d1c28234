"""Parts of a pack without mistakes, compiled by themselves. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.build.pack_compiler import PackCompiler
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.build.overlaid import Scoped
    from gatekeeper.pack.build.pack_compiler import Starts
    from gatekeeper.pack.files.rules import DraftFile, DraftRule


def compile_rule(file: DraftFile, draft: DraftRule, scope: Scope) -> Rule | None:
    """Compile one rule by itself; None where it has mistakes or is disabled."""
    compiler = PackCompiler.of(Reader(), [(file, scope)])
    built = compiler.rule(compiler.files[0], draft)
    return built[0] if built else None


def compile_starts(scoped: Scoped) -> Starts | None:
    """Compile where deals may be created; None where that has mistakes."""
    reader = Reader()
    starts, _ = PackCompiler.of(reader, scoped).starts()
    return None if reader.problems else starts
