"""9.4 Filling a prompt's template."""

import re

from course_lib.topics import prompt

from ..spec import Exercise, Mistake


def fill(template, values):
    """The template with each {name} replaced by values[name]. What is filled in is never filled again."""
    import re

    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], template)


def reference(template, values):
    """The library's."""
    return prompt.fill(template, **values)


def one_by_one(template, values):
    """The dangerous way."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


TEXTS = ("Where is Oslo?", "{label}", "a\\n{b}", "{text}", "x {y} z", "", "50 %", "{", "}{", "\\1", "$text")


def cases(rng):
    """Templates with one or two places, and texts that look like places."""
    for template in ("{text} : topic", "Q: {text} A: {label}", "{label}{text}{label}", "go: {text}", "{text} {text}"):
        for _ in range(3):
            yield template, {name: TEXTS[rng.integers(len(TEXTS))] for name in ("text", "label")}


ANSWER = 're.sub(r"\\{(\\w+)\\}", lambda found: values[found[1]], template)'

EXERCISE = Exercise(
    id="9.4",
    title="Fill a template",
    answer=fill,
    reference=reference,
    cases=cases,
    edges=(
        ("{text}", {"text": "{label}", "label": "secret"}),
        ("{label} {text}", {"text": "{label}", "label": "{text}"}),
        ("{text} {text}", {"text": "a", "label": "b"}),
        ("no place", {"text": "a", "label": "b"}),
        ("{text}!", {"text": "\\1 \\n", "label": "b"}),
        ("{text}", {"text": "{0} {", "label": "b"}),
        ("{ {text} }", {"text": "a", "label": "b"}),
        ("", {"text": "a", "label": "b"}),
        ("text {label}", {"text": "a", "label": "b"}),
        ("{text}{label}", {"text": " a ", "label": "B"}),
        ("{who} asks: {what}", {"who": "Ann", "what": "{who} < & ?"}),
    ),
    mistakes=(
        Mistake("one-after-the-other", one_by_one,
                "It replaces one name after the other, so a text that contains {label} is filled again: what a user "
                "types becomes part of your template. Go through the template once."),
        Mistake("reversed-order",
                lambda t, values: one_by_one(t, dict([*values.items()][::-1])),
                "It replaces one name after the other (from the last), so what was filled in is filled again."),
        Mistake("no-braces", lambda t, values: re.sub(r"\b(text|label)\b", lambda f: values[f[1]], t),
                "It replaces the bare word. Only {name} is a place, and its braces go."),
        Mistake("braces-stay", {"values[found[1]]": '"{" + values[found[1]] + "}"'}, "The braces are still there."),
        Mistake("first-only", {", template)": ", template, count=1)"}, "Only the first place is filled."),
        Mistake("pattern", lambda t, values: re.sub(r"\{(\w+)\}", lambda f: re.sub(r"\\", "", values[f[1]]), t),
                "Backslashes in the text are lost. Put it in as it is."),
        Mistake("stripped", {"values[found[1]]": "values[found[1]].strip()"}, "Spaces around the text are lost."),
        Mistake("lower", {"values[found[1]]": "values[found[1]].lower()"}, "The text is changed to lower case."),
        Mistake("the-name", {"values[found[1]]": "found[1]"}, "It puts in the name, not the value."),
        Mistake("emptied", {"values[found[1]]": '""'}, "The places are emptied, not filled."),
        Mistake("appended", lambda t, values: t + values["text"], "The text is put at the end, the places are left."),
        Mistake("quoted", {"values[found[1]]": "repr(values[found[1]])"},
                "The text comes with quotation marks (repr)."),
        Mistake("safe", {"values[found[1]]": 'values[found[1]].replace("{", "").replace("}", "")'},
                "Braces in the text are removed. Nothing is wrong with them: leave the text as it is."),
        Mistake("text-only", {r"\{(\w+)\}": r"\{(text)\}"}, "Only {text} is filled; any name may occur."),
        Mistake("doubled", {"values[found[1]]": "2 * values[found[1]]"}, "Each text is put in twice."),
    ),
    right=(
        lambda t, values: "".join(values[p] if i % 2 else p for i, p in enumerate(re.split(r"\{(\w+)\}", t))),
        lambda t, values: re.compile("{([a-z]+)}").sub(lambda f: values[f.group(1)], t),
    ),
    hints=(
        "Go through the template once: a second pass would look into what the first put there.",
        "re.sub takes a function in place of a replacement: it gets the match, found[1] is the name.",
        r're.sub(r"\{(\w+)\}", lambda found: values[found[1]], template)',
    ),
    minutes=8,
    difficulty=2,
    claims=("S0-9.5-prompt-engineering",),
)  # fmt: skip
