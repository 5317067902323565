"""Twelve capitals, asked in English and Chinese: what SmolLM2's weights know, reported as measured.

``python -m course_lib.chatbot.capitals`` writes results/capitals.json.
"""

import json
from pathlib import Path

from course_lib.chatbot.chat import Chat, load_chat
from course_lib.chatbot.grammar.notation import capitals

COUNTRIES = ("France", "Germany", "Italy", "Spain", "Russia", "the United Kingdom", "China", "Japan", "India", "Egypt",
             "Canada", "Australia")  # fmt: skip
RESULTS = Path(__file__).with_name("results") / "capitals.json"


def ask(chat: Chat) -> list[dict]:
    """Ask for each capital in both languages; an answer is right if it names the capital, in either language."""
    rows = [row for row in capitals() if row[0] in COUNTRIES]
    english = chat.answers([f"What is the capital of {country}?" for country, *_ in rows])
    chinese = chat.answers([f"{row[2]}的首都是哪里？" for row in rows])
    return [
        {"country": row[0], "capital": row[1], "en": en, "en_right": row[1] in en,
         "country_zh": row[2], "capital_zh": row[3], "zh": zh, "zh_right": row[3] in zh or row[1] in zh}
        for row, en, zh in zip(rows, english, chinese, strict=True)
    ]  # fmt: skip


def main() -> None:
    """Measure, print and write."""
    found = {}
    for name, what in (("smollm2", "SmolLM2-135M-Instruct, 4-bit weights"), ("course", "the course's own model")):
        rows = ask(load_chat(name, torch=True, max_new_tokens=32))
        found[name] = {"model": what, "decoding": "greedy, at most 32 tokens", "rows": rows}
        found[name] |= {key: sum(row[key] for row in rows) for key in ("en_right", "zh_right")}
        print(f"{what}: English {found[name]['en_right']} of {len(rows)}, Chinese {found[name]['zh_right']}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
