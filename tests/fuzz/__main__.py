"""Coverage-guided fuzzing of every door of the rule language: `make fuzz`.

Needs atheris (dependency group `fuzz`). Each target runs in a process of its own for
its share of the time, from the example packs on and from what earlier runs found
worth keeping in `.build/fuzz`. An input that breaks a target is kept beside it; once
mended it belongs into `tests/fuzz/found/TARGET/`, where every test run tries it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build" / "fuzz"
LONGEST_INPUT = 4096
SECONDS_PER_INPUT = 10
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def main() -> int:
    """Fuzz all targets or those named, and say how each ended."""
    options = _options()
    if options.alone:
        _fuzz(options.targets[0], round(options.minutes * 60))
        return 0
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  (atheris comes first)

    names = options.targets or list(TARGETS)
    share = options.minutes / len(names)
    endings = [_run(name, share) for name in names]
    return int(any(endings))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--minutes", type=float, default=10, help="for all together")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(name: str, minutes: float) -> int:
    """Fuzz one target in a process of its own; 0 where nothing broke."""
    log = BUILT / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz", name]
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(  # noqa: S603  (ourselves)
            [*command, "--alone", f"--minutes={minutes}"],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    executed = _EXECUTED.search(log.read_text(encoding="utf-8", errors="replace"))
    count = int(executed[1]) if executed else 0
    ending = f"BROKEN, see {log}" if done.returncode else "nothing broke"
    print(f"{name:<12} {minutes:5.1f} min {count:>12,} inputs  {ending}", flush=True)  # noqa: T201
    return done.returncode


def _fuzz(name: str, seconds: int) -> None:
    """Hand one target to libFuzzer; does not return."""
    import atheris  # noqa: PLC0415  (only here is it needed)

    with atheris.instrument_imports(include=["gatekeeper"]):
        from tests.fuzz.targets import TARGETS, seeds, words  # noqa: PLC0415  (instrumented)
    corpus, first = BUILT / "corpus" / name, BUILT / "seeds" / name
    for folder in (corpus, first):
        folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds(TARGETS[name])):
        (first / str(number)).write_bytes(text)
    known = BUILT / "words"
    lines = [json.dumps(word).replace("\\n", "\\x0a") for word in words()]
    known.write_text("\n".join(lines), encoding="utf-8")
    arguments = [
        f"-dict={known}",
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-artifact_prefix={BUILT}/{name}-",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        str(corpus),
        str(first),
    ]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name].door)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
