"""``make mutation``: how many small changes to the code of segments the tests notice.

mutmut makes every change that it knows of to the functions of `patron.segments`, one at a time. Of
these mutants a random sample is tried, always the same for the same seed, a larger one holding the
smaller ones. What was decided in an earlier run stands; ``--again`` tries survivors anew.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import re
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.speed.report import report

WORK = Path("mutants")
FIRST = "patron.segments.export.x__name*"
"""A function that few tests run: trying it makes all mutants and finds out which tests run what."""

KILLED = {1, 3}
UNLOADABLE = {255}
"""A test module does not even load; mutmut takes pytest's answer to that for a time-out."""
TIMED_OUT = {-24, 24, 36, 152}
CRASHED = {-11, -9, -6}
SURVIVED = {0: "survived", 5: "no test", 33: "no test"}
Z = 1.959964
"""Standard deviations on both sides that hold 95 % of a normal distribution."""


class Mutant(NamedTuple):
    """One change.

    Attributes:
        name: What mutmut calls it.
        source: The file of the function that is changed.
        exit_code: What came of the tests; None when they have not run.
    """

    name: str
    source: Path
    exit_code: int | None


def main() -> None:
    """Make mutants, try the sample, and tell the score."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=400, help="mutants to try")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--again", action="store_true", help="try survivors anew")
    parser.add_argument("--only", help="leave out mutants whose name has not this in it")
    asked = parser.parse_args()
    if not (WORK / "mutmut-stats.json").exists():
        mutmut(FIRST)
    sample = drawn(mutants(), asked.sample, asked.seed)
    waiting = [
        one.name
        for one in sample
        if (one.exit_code is None or (asked.again and one.exit_code in SURVIVED))
        and (asked.only or "") in one.name
    ]
    if waiting:
        mutmut(*waiting)
    tell(mutants(), drawn(mutants(), asked.sample, asked.seed), asked.seed)


def mutmut(*names: str) -> None:
    """Try these mutants, one at a time."""
    command = Path(sys.executable).with_name("mutmut")
    subprocess.run([command, "run", "--max-children", "1", *names], check=True)


def mutants() -> list[Mutant]:
    """All of them, with what is known."""
    found = []
    for path in sorted(WORK.glob("src/patron/segments/**/*.meta")):
        told = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        found += [Mutant(name, path.with_suffix(""), code) for name, code in told.items()]
    return found


def drawn(found: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """A simple random sample: the mutants whose names have the smallest hashes."""

    def rank(one: Mutant) -> bytes:
        return hashlib.sha256(f"{seed}:{one.name}".encode()).digest()

    return sorted(found, key=rank)[:size]


def interval(part: int, whole: int) -> tuple[float, float]:
    """Between which shares the true one lies, with 95 % confidence (Wilson)."""
    share = part / whole
    middle = (share + Z**2 / (2 * whole)) / (1 + Z**2 / whole)
    reach = math.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2)) * Z / (1 + Z**2 / whole)
    return middle - reach, middle + reach


def verdict(one: Mutant) -> str:
    """In one word; whatever is neither survived nor untried was noticed."""
    if one.exit_code is None:
        return "untried"
    if one.exit_code in SURVIVED:
        return SURVIVED[one.exit_code]
    if one.exit_code in UNLOADABLE:
        return "does not load"
    if one.exit_code in TIMED_OUT:
        return "timed out"
    if one.exit_code in CRASHED:
        return "crashed"
    return "killed" if one.exit_code in KILLED else "unclear"


def tell(everything: list[Mutant], sample: list[Mutant], seed: int) -> None:
    """Print what became of the sample: one line each for kinds and survivors, then the score."""
    tried = [one for one in sample if one.exit_code is not None]
    kinds: dict[str, Counter[bool]] = {}
    for one in tried:
        before, after = change(one)
        survived = one.exit_code in SURVIVED
        kinds.setdefault(kind(before, after), Counter())[survived] += 1
        if survived:
            told = {"survivor": one.name, "verdict": verdict(one), "kind": kind(before, after)}
            print(json.dumps({**told, "before": before, "after": after}, ensure_ascii=False))
    for name, counted in sorted(kinds.items()):
        print(json.dumps({"kind": name, "tried": counted.total(), "survived": counted[True]}))
    verdicts = Counter(map(verdict, sample))
    noticed = sum(verdicts[one] for one in ("killed", "does not load", "timed out", "crashed"))
    low, high = interval(noticed, len(tried)) if tried else (0.0, 1.0)
    report(
        "mutation score of patron.segments",
        100 * noticed / len(tried) if tried else None,
        "%",
        direction="at least",
        interval_95=[round(100 * low, 1), round(100 * high, 1)],
        mutants=len(everything),
        tried=len(tried),
        seed=seed,
        verdicts=dict(verdicts),
    )


def change(one: Mutant) -> tuple[str, str]:
    """The lines that differ, without and with the change."""
    spans = json.loads(Path(f"{one.source}.spans").read_text("utf-8"))["spans"]
    lines = one.source.read_text("utf-8").splitlines()
    function = one.name.rpartition(".")[2]
    origin = re.sub(r"__mutmut_\d+$", "__mutmut_orig", function)
    texts = []
    for name in (origin, function):
        first, last = spans[name]
        texts.append([line.strip().replace(name, "f") for line in lines[first - 1 : last]])
    before, after = texts
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return " ".join(before), " ".join(after)


def kind(before: str, after: str) -> str:
    """What sort of change it is."""
    old, new = _tokens(before), _tokens(after)
    lost, won = list((old - new).elements()), list((new - old).elements())
    if lost and won and all(text[-1] in "\"'" for text in (*lost, *won)):
        return "text changed"
    if any("XX" in text for text in won) or [*map(str.lower, lost)] == [*map(str.lower, won)] != []:
        return "text changed"
    if "None" in won:
        return "None instead"
    if not won:
        return "not dropped" if lost == ["not"] else "argument dropped"
    if sorted(won) in (["False", "and"], ["True", "or"], ["(", ")", "False", "and"],
                       ["(", ")", "True", "or"]):  # fmt: skip
        return "either side of a conditional"
    if len(lost) == len(won) == 1 and lost[0][0].isdigit():
        return "number plus one"
    pair = " to ".join((" ".join(lost), " ".join(won)))
    return pair if len(pair) <= 16 else "other"


def _tokens(text: str) -> Counter[str]:
    try:
        read = tokenize.generate_tokens(io.StringIO(f"({text}\n").readline)
        return Counter(one.string for one in read if one.string.strip())
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return Counter(re.findall(r"\w+|[^\w\s]", text))


if __name__ == "__main__":
    main()
