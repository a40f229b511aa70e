"""The glossary and the chapters fit: each first use of a term leads to its entry, in two languages.

The terms of a chapter are links where they are used first; bold is for what matters, not for names.
"""

import re
from itertools import chain, takewhile

import pytest

import terms
from roles import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in CHAPTERS}
GLOSSARY = terms.GLOSSARY.read_text(encoding="utf-8")
ENTRIES = terms.entries(GLOSSARY)
NAMES = {name.lower() for names in ENTRIES for name in names}
NAMED_IN_BOLD = re.compile(
    r"\b(?:called|named|this is|(?:is|are) (?:the|an?)|its) (?:the |an? )?\*\*([\w -]+)\*\*"
)
NOT_NAMES = {"change of slope", "spread over signals", "value"}
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
TONELESS = re.compile(r"\bde\b|zi\b")

SMALL = """---
kernelspec: {}
---

(sec-slope)=
# The gradient

**Which gradient?**

$$
\\text{gradient}
$$

Code has a `gradient`, a [link](gradient.md) too, {ref}`gradient` as well. *Mean squared
errors* come before any gradients, and a gradient descent is none.

```python
gradient = 1
```

The gradient again, {term}`loss` and {term}`Losses <loss>`.
"""
FEW = [["gradient"], ["gradient descent"], ["mean squared error", "MSE"], ["loss"]]


@pytest.mark.parametrize("chapter", TEXTS)
def test_each_first_use_leads_to_the_glossary(chapter):
    plain = [use.link for use in terms.first_uses(TEXTS[chapter], ENTRIES) if not use.linked]
    assert plain == [], f"look at what `python tools/terms.py --link chapters/{chapter}.md` does"


def test_each_entry_is_linked_from_a_chapter():
    links = (takewhile(lambda use: use.linked, terms.uses(t, ENTRIES)) for t in TEXTS.values())
    linked = {use.name for use in chain.from_iterable(links)}
    assert [names[0] for names in ENTRIES if not linked.intersection(names)] == []


@pytest.mark.parametrize("chapter", TEXTS)
def test_what_is_named_in_bold_is_in_the_glossary(chapter):
    named = {found[1].lower() for found in NAMED_IN_BOLD.finditer(TEXTS[chapter])}
    assert {n for n in named - NOT_NAMES if not {n, n.removesuffix("s")} & NAMES} == set()


def test_each_name_stands_once():
    names = [name.lower() for names in ENTRIES for name in names]
    assert sorted(names) == sorted(NAMES)


@pytest.mark.parametrize("entry", GLOSSARY.partition("```{glossary}\n")[2][:-4].split("\n\n"))
def test_an_entry_has_chinese_and_pinyin_and_one_line(entry):
    *_, line = entry.splitlines()
    assert entry.count("\n    ") == 1
    form = r"    \[(.+?)\]\{\.language-zh\} \(\[(.+?)\]\{\.language-zh-Latn-pinyin\}\) — .+\."
    chinese, pinyin = re.fullmatch(form, line).groups()
    syllables = sum(letter in TONES for letter in pinyin) + len(TONELESS.findall(pinyin))
    assert syllables == len(re.findall("[\u4e00-\u9fff]", chinese))
    assert re.findall("[A-Z]\\w*", pinyin) == re.findall("[A-Z]\\w*", chinese, re.ASCII)


def test_a_first_use_is_found_in_running_text_alone():
    found = [(use.name, use.text, use.linked) for use in terms.first_uses(SMALL, FEW)]
    assert found == [
        ("mean squared error", "Mean squared errors", False),
        ("gradient", "gradients", False),
        ("gradient descent", "gradient descent", False),
        ("loss", "loss", True),
    ]


def test_missing_links_are_written_and_nothing_else():
    linked = terms.with_links(SMALL, FEW)
    wanted = SMALL.replace(
        "*Mean squared\nerrors* come before any gradients, and a gradient descent is",
        "*{term}`Mean squared errors <mean squared error>`* come before any "
        "{term}`gradients <gradient>`, and a {term}`gradient descent` is",
    )
    assert linked == wanted
    assert terms.with_links(linked, FEW) == linked


def test_another_sense_is_no_use():
    assert terms.first_uses("By linear algebra alone.", [["linear"]]) == []
    assert [use.name for use in terms.first_uses("A linear output.", [["linear"]])] == ["linear"]
