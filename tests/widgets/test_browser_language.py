"""TokenLab, SampleLab and AttnMap in the browser: what is drawn there equals Python's numbers."""

import pytest

from tests.widgets.docs import FRAME, GROSS
from tests.widgets.test_browser import number
from tests.widgets.test_browser_each import button, open_lab  # noqa: F401

pytestmark = pytest.mark.browser

MOVE = """async (moves) => {
  const times = [], wrong = [];
  for (const [name, share] of moves) {
    const input = document.querySelector(`.lab [data-name="${name}"]`);
    input.value = Math.round(share * input.max);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await window.probe.settled();
    const { agree, drawn } = document.querySelector(".lab").dataset;
    times.push(Number(drawn));
    if (agree !== "true") wrong.push([name, share]);
  }
  return { times: times.sort((a, b) => a - b), wrong };
}"""


def chips(lab):
    return lab.lab.locator(".lab-chips li .lab-piece").all_text_contents()


def ids(lab):
    return [int(text) for text in lab.lab.locator(".lab-chips li small").all_text_contents()]


def pieces(lab):
    return lab.value("__import__('course_lib.widgets.pieces', fromlist=['']).pieces(tokens.tokenizer, tokens.ids())")


def test_tokenlab_shows_pythons_tokens_at_every_step(open_lab):  # noqa: F811
    lab = open_lab("tokenlab")
    time = lab.lab.get_by_role("slider", name="Merges made in this text")
    for key in ("Home", "ArrowRight", "PageUp", "End"):
        time.press(key)
        lab.settle()
        assert ids(lab) == lab.value("tokens.ids()")
        assert chips(lab) == pieces(lab)
    box = lab.lab.get_by_role("searchbox", name="Text")
    box.fill("<b onclick=x>مرحبا</b> 👩‍👩‍👧 a")
    lab.settle()
    assert ids(lab) == lab.value("tokens.given.encode(tokens.state['text'])")
    assert chips(lab) == pieces(lab)
    assert lab.lab.locator(".lab-chips b").count() == 0  # text, never markup
    box.evaluate("(e) => { e.value = 'a\\ud83d'; e.dispatchEvent(new Event('input', { bubbles: true })); }")
    lab.settle()
    assert "U+D83D is a lone surrogate" in lab.lab.get_by_role("alert").inner_text()
    assert "مرحبا" in lab.value("tokens.state['text']")


def test_tokenlab_asks_for_the_next_merge_and_keeps_the_answer(open_lab):  # noqa: F811
    lab = open_lab("tokenlab")
    lab.lab.get_by_role("slider", name="Merges made in this text").press("Home")
    lab.lab.get_by_role("checkbox", name="Guess each merge").check()
    lab.settle()
    asked = lab.lab.get_by_role("group", name="guess the next merge")
    names = asked.get_by_role("button").all_inner_texts()
    assert names == lab.value("tokens.candidates()")
    assert lab.lab.locator(".lab-merges tbody th").all_inner_texts()[0] == "?"  # not given away
    asked.get_by_role("button").first.press("Enter")
    lab.settle()
    log = lab.value("tokens.log")
    assert (log[-1]["answer"], lab.value("tokens.state['t']")) == (names[0], 1)
    assert f"You predicted {names[0]}." in lab.lab.locator(".lab-verdict").inner_text()


def test_samplelab_computes_what_python_computes(open_lab):  # noqa: F811
    lab = open_lab("samplelab")
    shares = (0, 0.02, 0.31, 0.5, 0.77, 0.9, 1)
    moves = [["penalty", 0.4], *([name, s] for name in ("T", "k", "p") for s in shares), ["T", 0.4], ["p", 0.0]]
    moves += [["p", 0.83], *(["k", s] for s in shares), ["T", 0], ["T", 0.6], ["penalty", 0]]
    found = lab.page.evaluate(MOVE, moves)
    assert found["wrong"] == []
    spent = found["times"][len(found["times"]) // 2]  # ms to compute and draw in the browser, median
    assert spent < GROSS * FRAME
    shown = lab.lab.locator(".lab-cap span", has_text="can be drawn").inner_text()
    assert shown.startswith(f"{lab.value('int(sample.stages.kept.sum())')} of 2048")


def test_samplelab_draws_and_takes_tokens_by_keyboard(open_lab):  # noqa: F811
    lab = open_lab("samplelab")
    button(lab, "Draw 1000").press("Enter")
    lab.settle()
    assert lab.value("int(sample.counts.sum())") == 1000
    drawn = lab.lab.locator(".lab-stages tbody tr").first.locator("td").last.inner_text()
    assert drawn == f"{lab.value('float(sample.folded(sample.counts)[0] / 10)'):.0f} %"
    tokens = lab.lab.locator(".lab-token")
    name = tokens.nth(1).inner_text()
    tokens.nth(1).press("Enter")
    lab.settle()
    assert lab.value("len(sample.taken)") == 1
    assert chips(lab) == [name] == lab.value("sample.facts()['taken']")
    lab.lab.get_by_role("searchbox", name="Prompt").fill("<i>x</i>")
    lab.settle()
    assert lab.value("sample.state['prompt']") == "<i>x</i>"
    assert lab.value("sample.taken") == []


def test_attnmap_links_heads_rows_and_tokens(open_lab):  # noqa: F811
    lab = open_lab("attnmap")
    lab.lab.get_by_role("button", name="layer 2, head 4", exact=True).press("Enter")
    lab.settle()
    assert lab.value("[heads.state['layer'], heads.state['head']]") == [2, 4]
    lab.lab.get_by_role("button", name="7 ·name").press("Enter")
    lab.settle()
    assert lab.value("heads.state['t']") == 7
    area = lab.lab.get_by_role("application")
    area.focus()
    lab.page.keyboard.press("ArrowUp")
    lab.page.keyboard.press("ArrowLeft")
    lab.settle()
    assert lab.value("[heads.state['t'], heads.state['head']]") == [6, 3]
    rows = lab.lab.locator(".lab-looks tbody tr")
    shown = {row.locator("th").inner_text().split()[0]: row.locator("td").all_inner_texts() for row in rows.all()}
    for j, (weight, effect) in shown.items():
        expected = lab.value(f"[float(heads.row()[{j} - 1]), float(heads.effect[{j} - 1])]")
        assert number(weight) == pytest.approx(expected[0], rel=0.06, abs=1e-3)
        assert number(effect) == pytest.approx(expected[1], rel=0.06, abs=1e-3)
    for look in ("hover", "focus"):  # a token that is pointed at, or has the focus, shows its row
        getattr(lab.lab.locator(".lab-chips [data-j='2']"), look)()
        lab.page.wait_for_function("document.querySelector('.lab-chips li.new button').dataset.j === '2'")
        assert lab.lab.get_by_role("heading", name="3 Hello looks").is_visible()
        assert lab.value("heads.state['t']") == 6  # seen, not chosen
        area.focus()
        lab.page.mouse.move(0, 0)
    lab.page.wait_for_function("document.querySelector('.lab-chips li.new button').dataset.j === '5'")
    area.hover(position={"x": 34 + 6, "y": 12})
    lab.page.wait_for_function("document.querySelector('.lab').innerText.includes('looks at 1 <|start|>: 1')")
    lab.page.mouse.move(0, 0)


def test_attnmap_says_that_the_model_cheats(open_lab):  # noqa: F811
    lab = open_lab("attnmap")
    lab.lab.get_by_role("checkbox", name="Causal mask").uncheck()
    warning = lab.lab.locator("p.lab-error[role=status]")
    warning.wait_for(state="visible")
    assert warning.inner_text().startswith("Cheating: without the mask each token sees those after it")
    lab.lab.get_by_role("checkbox", name="Causal mask").check()
    warning.wait_for(state="hidden")
