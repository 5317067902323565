"""What each widget must do beyond T0, in the browser."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def open_lab(pages):
    """A function that returns a widget's page, put back to its beginning."""
    used = []

    def get(name):
        lab = pages(name)
        lab.execute("lab.reset()")
        lab.settle()
        used.append(lab)
        return lab

    yield get
    for lab in used:
        lab.execute("lab.stop()")
        lab.clean()


def button(lab, name):
    return lab.lab.get_by_role("button", name=name, exact=True)


def shown_step(lab):
    return int(lab.lab.locator(".lab-pill").inner_text().split("step ")[1].split(" ")[0])


def test_traindeck_plays_and_pauses_within_a_step_while_a_cell_is_busy(open_lab):
    lab = open_lab("traindeck")
    lab.execute("import time; deadline = time.time() + 20\nwhile time.time() < deadline: time.sleep(0.01)", wait=False)
    button(lab, "Play").click()
    lab.page.wait_for_function("/step [1-9][0-9]+/.test(document.querySelector('.lab-pill').textContent)")
    button(lab, "Pause").click()
    lab.page.wait_for_function("document.querySelector('.lab-pill').textContent.startsWith('paused')")
    lab.settle()
    stopped = shown_step(lab)
    lab.page.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert shown_step(lab) == stopped
    lab.page.evaluate("window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    assert lab.value("deck.trainer.step_count") == stopped


def test_traindeck_changes_the_rate_mid_run(open_lab):
    lab = open_lab("traindeck")
    button(lab, "Play").click()
    lab.page.wait_for_function("/step [1-9][0-9]+/.test(document.querySelector('.lab-pill').textContent)")
    lab.lab.get_by_role("slider", name="Learning rate").press("ArrowRight")
    lab.page.wait_for_function("document.querySelector('.lab-field output').textContent !== '0.001'")
    button(lab, "Pause").click()
    lab.settle()
    rates = lab.value("sorted(set(deck.trainer.history.lrs))")
    assert rates[0] == 1e-3
    assert rates[-1] == lab.value("deck.state['lr']") > 1e-3


def test_traindeck_rewinds_and_forks(open_lab):
    lab = open_lab("traindeck")
    lab.execute("deck.advance(100); first = list(trainer.history.steps); deck.publish()")
    lab.settle()
    lab.lab.get_by_role("slider", name="Rewind to step").press("Home")
    lab.settle()
    assert shown_step(lab) == 0
    lab.execute("deck.advance(100)")
    assert lab.value("first == list(trainer.history.steps)")
    lab.execute("deck.publish()")
    lab.settle()
    assert lab.lab.get_by_role("combobox", name="Run").input_value() == "B"
    button(lab, "Fork").click()
    lab.settle()
    lab.lab.get_by_role("combobox", name="Run").select_option("A")
    lab.settle()
    assert lab.value("deck.runs.active.name") == "A"


def test_traindeck_shows_an_error_and_goes_on(open_lab):
    lab = open_lab("traindeck")
    lab.execute("good = trainer.loss_fn; trainer.loss_fn = lambda out, y: undefined_loss")
    button(lab, "Step").click()
    lab.settle()
    assert "undefined_loss" in lab.lab.get_by_role("alert").inner_text()
    lab.execute("trainer.loss_fn = good")
    button(lab, "Step").click()
    lab.settle()
    assert lab.lab.get_by_role("alert").count() == 0


def test_gradflow_picks_a_layer_and_scrubs_by_pointer(open_lab):
    lab = open_lab("gradflow")
    button(lab, "+10").click()
    lab.settle()
    box = lab.lab.locator("svg[aria-label^='histogram of log10']").bounding_box()
    lab.page.mouse.click(box["x"] + 150, box["y"] + 20)
    lab.settle()
    assert lab.value("flow.state['layer']") == 10
    assert lab.lab.get_by_role("heading", name="Weights of layer 10").is_visible()
    strip = lab.lab.locator("svg[aria-label^='median gradient']").bounding_box()
    lab.page.mouse.move(strip["x"] + 200, strip["y"] + 60)
    lab.page.mouse.down()
    lab.page.mouse.move(strip["x"] + 120, strip["y"] + 60, steps=4)
    lab.page.mouse.up()
    lab.settle()
    assert 0 < lab.value("flow.state['t']") < 9


def test_gradflow_says_that_residuals_rescue_the_first_layer(open_lab):
    lab = open_lab("gradflow")
    assert "smaller than" in lab.lab.locator(".lab-summary").inner_text()
    before = lab.value("float(flow.record.medians[0])")
    lab.lab.get_by_role("checkbox", name="Residual connections").check()
    lab.settle()
    assert lab.value("float(flow.record.medians[0])") > 1000 * before


def card(lab, name, row):
    return lab.lab.get_by_role("article", name=name, exact=True).locator(f"[data-row={row}] td").all_inner_texts()


def test_optirace_card_shows_adams_first_step_with_and_without_correction(open_lab):
    lab = open_lab("optirace")
    time = lab.lab.get_by_role("slider", name="Step shown")
    time.press("Home")
    button(lab, "Step").click()
    lab.settle()
    assert card(lab, "Adam", "move") == ["0.05", "−0.05"]
    lab.lab.get_by_role("checkbox", name="Adam's bias correction").uncheck()
    lab.settle()
    assert card(lab, "Adam", "move") == ["0.158", "−0.158"]
    assert card(lab, "Adam as printed", "move") == ["0.158", "−0.158"]


def test_optirace_start_follows_the_pointer(open_lab):
    lab = open_lab("optirace")
    area = lab.lab.get_by_role("application")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    ring = area.locator("[data-start]").bounding_box()
    lab.page.mouse.move(ring["x"] + 8, ring["y"] + 8)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"], steps=8)
    lab.page.mouse.up()
    lab.settle()
    x, y = lab.value("race.state['start']")
    assert 0.9 < x < 1.7
    assert 0.4 < y < 1.2
    assert f"({x:.2f}, {y:.2f})" in lab.lab.locator(".lab-summary").inner_text()


def test_optirace_replays_in_the_browser(open_lab):
    lab = open_lab("optirace")
    lab.lab.get_by_role("slider", name="Step shown").press("Home")
    button(lab, "Play").click()
    lab.page.wait_for_function("Number(document.querySelector('.lab [data-name=t]').value) > 3")
    button(lab, "Pause").click()
    lab.settle()
    at = lab.lab.get_by_role("slider", name="Step shown").input_value()
    lab.settle()
    assert lab.lab.get_by_role("slider", name="Step shown").input_value() == at


def ids(lab):
    return lab.lab.locator("tbody th").all_inner_texts()


def test_claimtable_filters_pages_and_runs_by_keyboard(open_lab):
    lab = open_lab("claimtable")
    assert len(ids(lab)) == 20
    button(lab, "Next").press("Enter")
    lab.settle()
    assert ids(lab) == lab.value("[row['id'] for row in table.rows[20:40]]")
    lab.lab.get_by_role("searchbox", name="Contains").focus()
    lab.page.keyboard.type("claim n 7")  # N and P are letters here, not shortcuts
    lab.settle()
    assert lab.value("table.state['words']") == "claim n 7"
    lab.lab.get_by_role("searchbox", name="Contains").fill("claim")
    lab.lab.get_by_role("combobox", name="Verdict").select_option("wrong")
    lab.lab.get_by_role("combobox", name="Chapter").select_option("2")
    lab.settle()
    assert ids(lab) == lab.value("[r['id'] for r in table.rows if (r['verdict'], r['chapter']) == ('wrong', '2')]")
    run = lab.lab.get_by_role("button", name="Run S1-22", exact=True)
    run.press("Enter")
    lab.settle()
    assert "Measured just now: <i>S1-22</i> holds." in lab.lab.locator("tr.found").inner_text()
    assert run.evaluate("(node) => node === document.activeElement")
    assert lab.lab.locator("tbody i").count() == 0  # text, never markup


@pytest.mark.parametrize("width", [464, 760, 1400])
def test_claimtable_is_legible_at_every_width(open_lab, width):
    lab = open_lab("claimtable")
    lab.page.set_viewport_size({"width": width, "height": 1000})
    try:
        lab.settle()
        assert lab.page.evaluate("window.probe.clipped()") == []
        found = lab.page.evaluate("window.probe.contrast()")
        assert {n: r for n, r in found.items() if r < (3 if n.startswith("--s") else 4.5)} == {}
    finally:
        lab.page.set_viewport_size({"width": 1100, "height": 1000})


def test_the_prediction_comes_before_the_picture(open_lab):
    lab = open_lab("optirace")
    asked = lab.page.locator(".lab").nth(1)
    assert not asked.locator(".lab-plot").first.is_visible()
    asked.get_by_role("radio", name="SGD").focus()
    lab.page.keyboard.press("ArrowDown")
    asked.get_by_role("button", name="Answer").press("Enter")
    asked.locator(".lab-plot").first.wait_for()
    log = lab.value("asked.log")
    assert (log[0]["answer"], log[0]["right"]) == ("Momentum 0.9", False)
    assert (
        "You predicted Momentum 0.9. It was RMSprop. Not what you predicted."
        in asked.locator(".lab-verdict").inner_text()
    )
