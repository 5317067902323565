"""Counting follows its rule; orders to a writer are told from sentences; a case must name four things."""

import pytest

from course_lib.topics import vetting


@pytest.mark.parametrize(("rule", "number"), [
    ("Chinese characters", 2), ("with Chinese punctuation", 3), ("with Latin words", 4), ("without spaces", 8),
    ("everything", 10),
])  # fmt: skip
def test_rules(rule, number):
    assert vetting.count("模型，GPT 3\n!", rule) == number


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="got 'pages'"):
        vetting.count("", "pages")


def test_overlap():
    assert vetting.overlap("abc", "bcd") == 0.5
    assert vetting.overlap("", "") == 1


def test_orders():
    lines = ["格式要求：markdown", "**完整性要求**：无遗漏", "Format: markdown", "The format is free.", "要求很高。"]
    assert vetting.orders(lines) == lines[:3]


def test_missing():
    assert vetting.missing({"who": "A", "data": "", "result": "0.9"}) == ["data", "source"]
