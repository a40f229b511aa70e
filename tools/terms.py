"""Find where a chapter first uses a glossary term: ``python tools/terms.py [--link] CHAPTER.md``.

There the term has to be a link, ``{term}`gradient` ``. `--link` writes the links that are missing.
Look at them: a word may stand there in another sense, and then belongs into `OTHER_SENSES`.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roles import ROOT
from sources import SyncError, decode

GLOSSARY = ROOT / "book" / "glossary.md"
NO_PROSE = (
    re.compile(r"\A---\n.*?\n---\n", re.DOTALL),
    re.compile(r"^(`{3,}).*?^\1 *$", re.DOTALL | re.MULTILINE),
    re.compile(r"\$\$.*?\$\$|\$(?:[^$\n]|\n(?!\n))+\$", re.DOTALL),
    re.compile(r"^(?:#+ .*|\(.*\)=|:+\{.*|:\w+:.*)$", re.MULTILINE),  # headings, labels, options
    re.compile(r"^\*\*[^*]+\?\*\*$", re.MULTILINE),  # the question that opens a chapter
    re.compile(r"\[[^\]]*\]\([^)]*\)"),
)
OTHER_SENSES = re.compile(
    r"split an error|sum can be split|linear algebra|linear scaling rule|That is a loss"
    r"|reference kernels|last unit|in units of|a unit is"
    r"|(?:one|half a|a whole|two|2|128) units?\b"
)
MARKED = re.compile(r"(?P<role>\{[\w:]+\})?`(?P<text>[^`<]*)(?:<(?P<name>[^`>]*)>)?[^`]*`")


@dataclass(frozen=True)
class Use:
    """A glossary term in the prose of a chapter."""

    name: str
    """As the glossary writes it."""
    text: str
    """As the chapter writes it."""
    start: int
    linked: bool

    @property
    def link(self) -> str:
        """The term as a link."""
        same = self.text == self.name
        return f"{{term}}`{self.text}`" if same else f"{{term}}`{self.text} <{self.name}>`"


def entries(glossary: str) -> list[list[str]]:
    """Return the entries of a glossary: of each its term, and other names of the same."""
    body = glossary.partition("```{glossary}\n")[2].partition("\n```")[0]
    return [re.findall(r"^\S.*$", entry, re.MULTILINE) for entry in body.split("\n\n")]


def blanked(text: str, pattern: re.Pattern) -> str:
    """Return a text with blanks where the pattern is; all else stays in its place."""
    return pattern.sub(lambda found: re.sub(r"\S", " ", found[0]), text)


def uses(text: str, glossary: list[list[str]]) -> Iterator[Use]:
    """Yield every use of a term in a chapter's prose, the links first."""
    written = {name.lower(): name for names in glossary for name in names}
    for pattern in NO_PROSE:
        text = blanked(text, pattern)
    for found in MARKED.finditer(text):
        if found["role"] == "{term}":
            name = " ".join((found["name"] or found["text"]).split())
            yield Use(written.get(name.lower(), name), found["text"].strip(), found.start(), True)
    text = blanked(blanked(text, MARKED), OTHER_SENSES)
    forms = {form.lower(): name for name in written.values() for form in inflected(name)}
    longest_first = sorted(map(re.escape, forms), key=len, reverse=True)
    words = "|".join(longest_first).replace(r"\ ", r"\s+")
    for found in re.finditer(rf"(?<![\w-])(?:{words})(?![\w-])", text.lower()):
        same = text[found.start() : found.end()]
        name = forms[" ".join(found[0].split())]
        yield Use(name, " ".join(same.split()), found.start(), False)


def inflected(name: str) -> list[str]:
    """Return a name and its plurals."""
    if name.endswith("y"):
        return [f"{name[:-1]}ies", name]
    return [f"{name}es", f"{name}s", name] if name[-1].isalpha() else [name]


def first_uses(text: str, glossary: list[list[str]]) -> list[Use]:
    """Return the first use of each entry in a chapter, in their order."""
    entry = {name: names[0] for names in glossary for name in names}
    first: dict[str, Use] = {}
    for use in sorted(uses(text, glossary), key=lambda use: use.start):
        first.setdefault(entry.get(use.name, use.name), use)
    return list(first.values())


def with_links(text: str, glossary: list[list[str]]) -> str:
    """Return a chapter in which each first use is a link."""
    for use in reversed(first_uses(text, glossary)):
        if not use.linked:
            end = re.compile(r"\s+".join(map(re.escape, use.text.split()))).match(text, use.start)
            text = text[: use.start] + use.link + text[end.end() :]
    return text


def main() -> None:
    """Name the first uses that are no links, or make them links."""
    parser = argparse.ArgumentParser(description="Link the first uses of glossary terms.")
    parser.add_argument("chapters", nargs="+", type=Path, metavar="CHAPTER.md")
    parser.add_argument("--link", action="store_true", help="write the links")
    options = parser.parse_args()
    glossary = entries(GLOSSARY.read_text(encoding="utf-8"))
    for path in options.chapters:
        text = decode(path)
        for use in first_uses(text, glossary):
            if not use.linked:
                print(f"{path}:{text.count(chr(10), 0, use.start) + 1}: {use.link}")
        if options.link:
            path.write_text(with_links(text, glossary), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except SyncError as error:
        sys.exit(str(error))
