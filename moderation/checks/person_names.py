"""Words that ask for a real person's likeness or voice: “like <name>”, 同款, and the user's own names."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from campaign.brief import Language
from campaign.content_key import Json
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads, report
from moderation.finding import Category, Coverage, Decision, Finding, Span, Text
from moderation.matcher import RuleMatcher
from moderation.rules import WordList, data_digest, read_word_list

NAME = r"(?:[A-Z][a-zà-ÿ'’-]+ ){1,2}[A-Z][a-zà-ÿ'’-]+"
# On the original text: a name is known by its capitals.
LIKENESS = re.compile(
    rf"\b(?:[Ll]ook(?:s|ing|alike)?|[Ss]ound(?:s|ing)?|[Vv]oice|[Ff]ace|[Dd]ressed|[Ss]ings?|[Dd]ances?)"
    rf"(?: exactly| just)? (?:like|of) ({NAME})"
    rf"|\b(?:[Ii]n the (?:style|voice|likeness|image) of|[Aa] lookalike of|[Ii]mpersonat(?:es|ing|e)|"
    rf"[Dd]eepfake of|[Rr]esembl(?:es|ing|e)) (?:the late )?({NAME})"
)
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤成龙易鹿迪巩舒肖关杨章巍"
)
HAN_LIKENESS = re.compile(
    rf"(?:明星|影帝|影后|歌手|主播|网红|顶流|偶像|爱豆|总统|首富|[{FAMILY}][一-鿿]{{1,2}})同款"
    rf"|(?:长得像|酷似|神似|撞脸|模仿|声音像|扮演|换脸成|ai换脸|AI换脸)(?:明星|影帝|影后|歌手|主播|网红|[{FAMILY}][一-鿿]{{1,2}})"
)
SEVERITY = 4


class PersonNamesOptions(CheckOptions):
    lists: tuple[WordList, ...] = ()
    """Names of persons that copy and prompts must not mention without a contract."""

    def within(self, folder: Path) -> Self:
        placed = tuple(w.model_copy(update={"file": (folder / w.file).resolve()}) for w in self.lists)
        return self.model_copy(update={"lists": placed})

    def narrowed(self, brand: str, platform: str) -> Self:
        mine = tuple(w for w in self.lists if w.brand in ("", brand) and w.platform in ("", platform))
        return self.model_copy(update={"lists": mine})

    def read(self) -> None:
        for words in self.lists:
            read_word_list(words)


class PersonNamesCheck:
    name: ClassVar[str] = "person_names"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.TEXTS
    adds: ClassVar[str] = "words that ask for a real person's likeness"
    how_to_get: ClassVar[str] = ""
    options_type: ClassVar[type[CheckOptions]] = PersonNamesOptions

    def __init__(self, options: PersonNamesOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        digests: list[Json] = [data_digest(words.file) for words in self.options.lists]
        return {"check": self.name, "version": self.version, "lists": digests}

    def covers(self, language: Language) -> bool:
        return language in (Language.ZH, Language.EN)

    def look(self, material: Material, ask: Ask) -> Outcome:  # noqa: ARG002  # The port's form.
        matcher = _matcher(self.options, tuple(data_digest(words.file) for words in self.options.lists))
        findings = tuple(f for text in material.texts for f in self._findings(text, matcher))
        return Outcome(findings=findings, report=report(self, Coverage.RAN))

    def _findings(self, text: Text, matcher: RuleMatcher) -> Iterator[Finding]:
        for pattern in (LIKENESS, HAN_LIKENESS):
            for match in pattern.finditer(text.text):
                yield self._finding(
                    text, "asked", *match.span(), "The words ask for the likeness of a person."
                )
        for hit in matcher.find(text.text):
            yield self._finding(text, "listed", hit.start, hit.end, "The name is on the list of persons.")

    def _finding(self, text: Text, rule: str, start: int, end: int, why: str) -> Finding:
        return Finding(
            rule_id=f"person_names.{rule}",
            category=Category.LIKENESS_PRIVACY,
            severity=SEVERITY,
            decision=Decision.REVIEW,
            check=self.name,
            version=self.version,
            evidence=Span(where=text.where, start=start, end=end, matched=text.text[start:end]),
            legal_basis="《民法典》第一千零一十九条; GDPR art. 6; right of publicity",
            why=why,
            suggestion="Describe an invented person, or show the consent to whoever reviews it.",
        )


@lru_cache(maxsize=16)
def _matcher(options: PersonNamesOptions, digests: tuple[str, ...]) -> RuleMatcher:  # noqa: ARG001  # The cache's key.
    return RuleMatcher([rule for words in options.lists for rule in read_word_list(words).rules])
