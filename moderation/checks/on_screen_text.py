"""Text in the picture: what a model drew there (forbidden or garbled), and our captions, read back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field

from campaign.brief import Language
from campaign.content_key import Json
from moderation.check import Ask, Caption, CheckOptions, Material, Outcome, Reads, Video
from moderation.checks.ad_law import AdLawOptions
from moderation.checks.edge import looked
from moderation.checks.lexicon import LexiconOptions
from moderation.checks.weights import weights_or_absence
from moderation.checks.words import EVIDENCE_GIVEN
from moderation.finding import Category, Decision, Finding
from moderation.matcher import Hit, RuleMatcher
from moderation.normalise import join
from moderation.ocr import HOW, Line, reader, share_read, weights_digest
from moderation.rules import Outcome as RuleOutcome
from moderation.rules import WordList, data_digest, read_rules, read_word_list
from moderation.sampling import Sample, keep, sample_images, sample_video

TALL = (0.02, 0.3)
"""Of the frame's height: a viewer does not read smaller letters, and what is larger is the picture itself."""
OURS = 0.6
"""Share of a line's characters that a caption must have for the line to be that caption."""


class OnScreenTextOptions(CheckOptions):
    lists: tuple[WordList, ...] = ()
    """Word lists, as for the check lexicon."""
    rules: tuple[Path, ...] = ()
    """Rule files, as for the check ad_law."""
    every: float = Field(default=1.0, gt=0)
    """Seconds between the frames that are read."""
    readable: float = Field(default=0.6, ge=0, le=1)
    """Mean certainty of letters under which a line is garbled."""
    captions_seen: float = Field(default=0.7, ge=0, le=1)
    """Share of a caption's characters that must be read back, in order."""

    def within(self, folder: Path) -> Self:
        lists = LexiconOptions(lists=self.lists).within(folder).lists
        rules = AdLawOptions(rules=self.rules).within(folder).rules
        return self.model_copy(update={"lists": lists, "rules": rules})

    def narrowed(self, brand: str, platform: str) -> Self:
        lists = LexiconOptions(lists=self.lists).narrowed(brand, platform).lists
        return self.model_copy(update={"lists": lists})


class OnScreenTextCheck:
    name: ClassVar[str] = "on_screen_text"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.PICTURES
    adds: ClassVar[str] = "forbidden or garbled text in the picture, and missing captions"
    how_to_get: ClassVar[str] = HOW
    options_type: ClassVar[type[CheckOptions]] = OnScreenTextOptions

    def __init__(self, options: OnScreenTextOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        weights = weights_or_absence(weights_digest, packages=())
        options = self.options.model_dump(mode="json", exclude={"lists", "rules"})
        files: list[Json] = [data_digest(words.file) for words in self.options.lists]
        files += [data_digest(path) for path in self.options.rules]
        return {"check": self.name, "version": self.version, "weights": weights, "files": files, **options}

    def covers(self, language: Language) -> bool:
        return language in (Language.ZH, Language.EN)

    def look(self, material: Material, ask: Ask) -> Outcome:
        return looked(self, lambda: list(self._findings(material, ask)))

    def _findings(self, material: Material, ask: Ask) -> Iterator[Finding]:
        weights_digest()
        matcher = RuleMatcher(
            [
                *(rule for words in self.options.lists for rule in read_word_list(words).rules),
                *(rule for path in self.options.rules for rule in read_rules(path).rules),
            ]
        )
        for sample in sample_images(material):
            yield from self._of_sample(sample, reader()(sample.rgb), matcher, ask, set())
        for video in material.videos:
            yield from self._of_video(video, matcher, ask)

    def _of_video(self, video: Video, matcher: RuleMatcher, ask: Ask) -> Iterator[Finding]:
        unread, seen = list(video.captions), set[str]()
        middles = [(caption.start + caption.end) / 2 for caption in video.captions]
        for sample in sample_video(video, self.options.every, also=middles):
            lines = reader()(sample.rgb)
            shown = join("".join(line.text for line in lines)).text
            unread = [caption for caption in unread if not self._seen(caption, sample, shown)]
            theirs = [line for line in lines if not _is_caption(line, video.captions)]
            yield from self._of_sample(sample, theirs, matcher, ask, seen)
        for number, caption in enumerate(unread, 1):
            yield self._finding(
                f"caption.{number}",
                4,
                f"The caption “{caption.text}” (from {caption.start:.1f} s) is not to be read.",
                "Look whether it is covered or cut, and finish the spot again.",
            )

    def _seen(self, caption: Caption, sample: Sample, shown: str) -> bool:
        shows = sample.time is not None and caption.start <= sample.time <= caption.end
        return shows and share_read(join(caption.text).text, shown) >= self.options.captions_seen

    def _of_sample(
        self, sample: Sample, lines: list[Line], matcher: RuleMatcher, ask: Ask, seen: set[str]
    ) -> Iterator[Finding]:
        """One finding per rule: the same words stand in many frames. ``seen`` is what was found before."""
        least, most = TALL
        for line in lines:
            if not least <= line.box[3] / sample.rgb.shape[0] <= most:
                continue
            for finding in self._of_line(line, matcher, ask):
                if finding.rule_id not in seen:
                    seen.add(finding.rule_id)
                    yield replace(finding, evidence=keep(sample, ask, box=line.box))

    def _of_line(self, line: Line, matcher: RuleMatcher, ask: Ask) -> Iterator[Finding]:
        if line.score < self.options.readable and len(line.text.strip()) > 1:
            why = f"Letters in the picture cannot be read ({line.text!r}, {line.score:.0%} sure)."
            finding = self._finding("garbled", 3, why, "Make the take again.")
            yield replace(finding, score=round(line.score, 4))
        for hit in matcher.find(line.text):
            yield self._of_rule(hit, line, ask)

    def _of_rule(self, hit: Hit, line: Line, ask: Ask) -> Finding:
        rule = hit.rule
        proven = rule.outcome is RuleOutcome.EVIDENCE and ask.evidence
        why = f"In the picture stands “{line.text[hit.start : hit.end]}”. {rule.why}"
        return replace(
            self._finding(rule.id, rule.severity, why, rule.suggestion),
            category=rule.category,
            legal_basis=rule.legal_basis,
            decision=Decision.ALLOW if proven else Decision.REVIEW if hit.spread else rule.outcome.ceiling,
            exception=EVIDENCE_GIVEN if proven else "",
        )

    def _finding(self, rule: str, severity: int, why: str, suggestion: str) -> Finding:
        return Finding(
            rule_id=f"on_screen_text.{rule}",
            category=Category.PLATFORM,
            severity=severity,
            decision=Decision.REVIEW,
            check=self.name,
            version=self.version,
            weights=weights_digest(),
            why=why,
            suggestion=suggestion,
        )


def _is_caption(line: Line, captions: tuple[Caption, ...]) -> bool:
    text = join(line.text).text
    return any(share_read(text, join(caption.text).text) >= OURS for caption in captions)
