"""How fast words are looked for, and how right the advertising rules are on our labelled lines.

Run: python -m benchmarks.moderation
"""

import random
import time

from campaign.brief import Language
from moderation.finding import Category, Stage, Text
from moderation.matcher import RuleMatcher
from moderation.policies import RULES
from moderation.policy import load_policy
from moderation.rules import Outcome, Rule, read_rules
from moderation.scores import LABELLED, read_lines, scores
from moderation.screen import screen_texts

TERMS = 50_000
LINES = 10_000
LENGTH = 96
SYLLABLES = (
    "茶山水云雾香甘醇春秋手工杯壶叶花竹石风月小大新老金银红绿青白一二三四五六七八九十人家店品味色形光影"
)
DISGUISES = (".", " ", "\u200b", "·", "-")


def make_terms(rng: random.Random) -> tuple[str, ...]:
    """Different made-up words of three to six characters."""
    terms: set[str] = set()
    while len(terms) < TERMS:
        terms.add("".join(rng.choices(SYLLABLES, k=rng.randint(3, 6))))
    return tuple(sorted(terms))


def make_copy(rng: random.Random, terms: tuple[str, ...]) -> list[str]:
    """Lines of about 100 characters of copy; every fifth holds a term, every tenth one in disguise."""
    said = [line.text for path in sorted(LABELLED.glob("*.csv")) for line in read_lines(path)]
    lines = []
    for number in range(LINES):
        line = ""
        while len(line) < LENGTH:
            line += rng.choice(said) + "，"
        if number % 5 == 0:
            term = rng.choice(terms)
            line += rng.choice(DISGUISES).join(term) if number % 10 == 0 else term
        lines.append(line)
    return lines


def make_dense(rng: random.Random) -> list[str]:
    """Lines of the terms' own characters, so that each holds about five of them by chance."""
    return ["".join(rng.choices(SYLLABLES + "，。！abcdefgh ", k=LENGTH)) for _ in range(LINES)]


def measure_lexicon() -> None:
    rng = random.Random(7)
    terms = make_terms(rng)
    rule = Rule(id="bench", category=Category.PLATFORM, severity=5, terms=terms, why="On the list.")
    start = time.process_time()
    matcher = RuleMatcher([rule])
    built = time.process_time() - start
    print(f"lexicon: {TERMS:,} terms built in {built:.2f} s; CPU time of one core, best of 3")
    for name, lines in {"copy": make_copy(rng, terms), "dense": make_dense(rng)}.items():
        matcher.find("".join(lines[:500]))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            hits = sum(len(matcher.find(line)) for line in lines)
            best = min(best, time.process_time() - start)
        length = sum(map(len, lines)) / LINES
        print(
            f"  {name}: {LINES / best:,.0f} lines/s of {length:.0f} characters, {hits / LINES:.1f} hits each"
        )


def measure_screening() -> None:
    policy = load_policy("starter")
    lines = [line for path in sorted(LABELLED.glob("*.csv")) for line in read_lines(path)]
    texts = [Text(where="copy", text=line.text, language=line.language) for line in lines]
    screen_texts(texts[:5], policy, Stage.COPY)
    start = time.process_time()
    for text in texts:
        screen_texts([text], policy, Stage.COPY)
    seconds = time.process_time() - start
    print(f"starter policy: {len(texts) / seconds:,.0f} lines of copy/s (lexicon and advertising law)")


def measure_rules() -> None:
    """The table of docs/moderation.md."""
    files = sorted(LABELLED.glob("*.csv"))
    lines = [line for path in files for line in read_lines(path)]
    print("| rule | may ask for | lines that break it | precision | recall |")
    print("|---|---|---|---|---|")
    for name, language in (("ad_law_zh", Language.ZH), ("ad_claims_en", Language.EN)):
        rules = read_rules(RULES / f"{name}.yaml").rules
        for rule, score in zip(rules, scores(rules, lines), strict=True):
            may = rule.outcome.value if rule.outcome is not Outcome.EVIDENCE else "review, unless proven"
            cells = (shown(score.precision), shown(score.recall))
            print(f"| {rule.id} | {may} | {score.right + score.missed} | {' | '.join(cells)} |")
        mine = [line for line in lines if line.language is language]
        clean = sum(not line.rules for line in mine)
        print(f"<!-- {language.value}: {len(mine)} lines, {clean} of them clean -->")


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    measure_lexicon()
    measure_screening()
    measure_rules()
