"""What a regular expression cannot match without: most texts need not be searched with it at all."""

# The parser behind `re.compile`; there is no public one.
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def needed_literals(pattern: str) -> frozenset[str]:
    """Strings of which at least one is in every text that ``pattern`` matches.

    Empty where there are none: the pattern can match without any certain letter.
    """
    parsed = _parser.parse(pattern)
    return frozenset() if parsed.state.flags & op.SRE_FLAG_IGNORECASE else _of_sequence(parsed)


def _of_sequence(parts: Any) -> frozenset[str]:
    """Of parts that follow one another the best: its shortest string the longest, then the fewest."""
    found: list[frozenset[str]] = []
    run = ""
    for kind, value in parts:
        if kind is op.LITERAL:
            run += chr(value)
            continue
        found += [frozenset({run} if run else ()), _of_part(kind, value)]
        run = ""
    found.append(frozenset({run} if run else ()))
    return max(found, key=_worth)


def _of_part(kind: Any, value: Any) -> frozenset[str]:
    if kind is op.SUBPATTERN:
        return frozenset() if value[1] & op.SRE_FLAG_IGNORECASE else _of_sequence(value[3])
    if kind in _REPEATS and value[0] > 0:
        return _of_sequence(value[2])
    if kind is op.ATOMIC_GROUP:
        return _of_sequence(value)
    if kind is op.BRANCH:
        branches = [_of_sequence(branch) for branch in value[1]]
        return frozenset().union(*branches) if all(branches) else frozenset()
    if kind is op.IN and all(one is op.LITERAL for one, _ in value):
        return frozenset(chr(code) for _, code in value)
    return frozenset()


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    return min(map(len, literals), default=0), -len(literals)
