"""ConvStep: every number is conv2d's and the tape's, and the learner's function is compared cell by cell."""

import json
import weakref

import numpy as np
import pytest

from course_lib import nn
from course_lib.widgets import ConvStep, convwork
from course_lib.widgets.frames import unpack
from tests.widgets.docs import FRAME, GROSS

RNG = np.random.default_rng(0)


def told(lab):
    return unpack(lab._buffer, lab._meta["layout"])


def by_hand(image, kernel, stride, padding, dilation):
    """The definition, in four loops."""
    x, k = np.pad(image, padding), len(kernel)
    shape = [(n - dilation * (k - 1) - 1) // stride + 1 for n in x.shape]
    y = np.zeros(shape)
    for r, c in np.ndindex(*shape):
        for i, j in np.ndindex(k, k):
            y[r, c] += kernel[i, j] * x[r * stride + i * dilation, c * stride + j * dilation]
    return y


def network():
    rng = np.random.default_rng(1)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(4, 6, 3, stride=2, rng=rng), nn.Flatten(), nn.Linear(6, 2, rng=rng))  # fmt: skip


OPTIONS = [(3, 1, 0, 1), (2, 2, 1, 1), (3, 1, 2, 2), (1, 3, 0, 3)]


@pytest.mark.parametrize(("k", "stride", "padding", "dilation"), OPTIONS)
def test_output_is_the_definition_and_the_formula_gives_its_shape(k, stride, padding, dilation):
    image, kernel = RNG.normal(size=(7, 9)), RNG.normal(size=(k, k))
    lab = ConvStep(image, kernel, stride=stride, padding=padding, dilation=dilation)
    expected = by_hand(image, kernel, stride, padding, dilation)
    np.testing.assert_allclose(lab.output, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(told(lab)["output"], expected, rtol=1e-6, atol=1e-6)
    assert lab.output.shape == tuple(convwork.formula(n, k, stride, padding, dilation) for n in image.shape)


def test_gradients_are_finite_differences():
    image, kernel = RNG.normal(size=(5, 5)), RNG.normal(size=(3, 3))
    dx, dk = convwork.gradients(image, kernel, 2, 1, 1)

    def loss(x, w):
        return 0.5 * (by_hand(x, w, 2, 1, 1) ** 2).sum()

    for array, gradient in ((image, dx), (kernel, dk)):
        for at in ((0, 0), (2, 1), (1, 2)):
            bump = np.zeros_like(array)
            bump[at] = 1e-5
            up, down = ((loss(image + s, kernel) if array is image else loss(image, kernel + s)) for s in (bump, -bump))
            assert gradient[at] == pytest.approx((up - down) / 2e-5, rel=1e-6)


def test_a_right_function_of_the_learner_agrees_and_a_flipped_one_is_found_out():
    lab = ConvStep(own=lambda image, kernel: by_hand(image, kernel, 1, 0, 1))
    assert "same in all 36 cells" in lab.verdict
    assert lab.set(padding=1).verdict == "Your function takes no such option: not compared."
    flipped = ConvStep(own=lambda image, kernel: by_hand(image, kernel[::-1, ::-1], 1, 0, 1))
    assert "differs in" in flipped.verdict
    assert told(flipped)["wrong"].sum() > 20
    assert "differs in" in flipped.summary()


def test_a_function_with_options_gets_them():
    asked = []

    def mine(image, kernel, stride=1, **more):
        asked.append((stride, more))
        return by_hand(image, kernel, stride, more["padding"], more["dilation"])

    assert "same in all" in ConvStep(own=mine, stride=2, padding=1).verdict
    assert asked[-1] == (2, {"padding": 1, "dilation": 1})


@pytest.mark.parametrize("bad", [lambda i, k: 1 / 0, lambda i, k: "nothing", lambda i: i])
def test_a_raising_function_is_shown_and_the_widget_lives(bad):
    lab = ConvStep(own=bad)
    assert lab.error
    assert lab.output.shape == (6, 6)
    lab.own = None
    assert lab.set(stride=2).error == ""


def test_a_function_that_returns_nan_or_another_shape_or_writes_into_its_input():
    lab = ConvStep(own=lambda i, k: np.full((6, 6), np.nan))
    assert "differs in 36 of 36" in lab.verdict
    lab.own = lambda i, k: i
    assert "returned shape (8, 8)" in lab.set(take="mean").verdict
    before = lab.input.copy()
    lab.own = lambda i, k: i.fill(0) or k.fill(0)
    lab.set(take="identity")
    np.testing.assert_array_equal(lab.input, before)
    assert lab.kernel.sum() == 1


def test_filters_and_maps_are_the_models():
    model = network()
    lab = ConvStep(model=model)
    x = lab.image[None].astype(np.float32)
    np.testing.assert_array_equal(lab.backdrop()["maps"], model[0](x).data[0])
    lab.set(take="filter 3")
    np.testing.assert_array_equal(lab.kernel, model[0].weight.data[2, 0].astype(float))
    assert (lab.state["padding"], lab.state["take"]) == (1, "filter 3")
    np.testing.assert_allclose(lab.output + model[0].bias.data[2], model[0](x).data[0, 2], atol=1e-6)
    lab.set(seen="input of 3, channel 2")
    middle = model[2](model[1](model[0](x)))
    np.testing.assert_array_equal(lab.input, middle.data[0, 1])
    np.testing.assert_array_equal(lab.kernel, model[3].weight.data[2, 1])
    assert lab.state["stride"] == 2
    assert "forward" not in vars(model[0])
    assert model.training


def test_the_channels_of_an_image_can_be_chosen():
    lab = ConvStep(RNG.normal(size=(3, 6, 6))).set(seen="image, channel 3")
    np.testing.assert_array_equal(lab.input, lab.image[2])
    assert ConvStep().state.get("seen") is None


def test_a_model_that_does_not_fit_the_image_still_shows_what_it_can():
    lab = ConvStep(RNG.normal(size=(12, 12)), model=network())
    assert lab.error
    assert lab.output.shape == (10, 10)
    assert lab.set(stride=2).output.shape == (5, 5)


def test_a_kernel_that_reaches_too_far_is_said_and_undone():
    lab = ConvStep().set(size=5, dilation=3)
    assert "reaches over 13×13" in lab.error
    assert "no output" in lab.summary()
    assert lab.figure().alt == lab.summary()
    assert lab.set(dilation=1).output.shape == (4, 4)
    assert lab.error == ""


def test_size_keeps_the_middle_and_a_name_is_only_given_to_its_numbers():
    lab = ConvStep().set(size=5)
    np.testing.assert_array_equal(lab.kernel[1:4, 1:4], convwork.KERNELS["vertical edge"])
    assert lab.state["take"] == "own numbers"
    assert lab.set(size=3).state["take"] == "vertical edge"
    lab.set(kernel=((0, 0, 0), (0, 1, 0), (0, 0, 0)))
    assert lab.state["take"] == "identity"
    np.testing.assert_array_equal(lab.output, lab.input[1:-1, 1:-1])


@pytest.mark.parametrize("bad", [((1, 2), (3,)), (), ((np.nan,),), (("a",),), ((0,) * 6,) * 6])
def test_a_kernel_of_another_form_is_refused(bad):
    lab = ConvStep()
    with pytest.raises(ValueError, match="kernel"):
        lab.set(kernel=bad)
    assert lab.state["size"] == 3


@pytest.mark.parametrize("bad", [np.zeros((40, 8)), np.zeros(8), np.zeros((0, 3)), np.full((4, 4), np.inf)])
def test_an_image_that_cannot_be_shown_is_refused(bad):
    with pytest.raises(ValueError, match="ConvStep: image must be"):
        ConvStep(bad)


@pytest.mark.parametrize("bad", [{"stride": 0}, {"padding": -1}, {"dilation": 1.5}, {"stride": "2"}])
def test_an_option_out_of_range_is_refused(bad):
    with pytest.raises(ValueError, match=f"ConvStep: {next(iter(bad))} must be one of"):
        ConvStep(**bad)


def test_a_model_without_a_convolution_is_refused_and_modes_stay_as_they_were():
    with pytest.raises(ValueError, match="no Conv2d"):
        ConvStep(model=nn.Sequential(nn.Linear(2, 2)))
    model = network()
    model[0].eval()
    ConvStep(model=model)
    assert [m.training for m in (model, model[0], model[3])] == [True, False, True]


def test_two_hundred_kernels_leave_the_last_and_one_event():
    lab = ConvStep()
    for i in range(200):
        lab.set(kernel=((i / 100,),))
    assert lab.kernel[0, 0] == 1.99
    np.testing.assert_allclose(lab.output, 1.99 * lab.input)
    assert len(lab.history) == 1


def test_a_thousand_updates_keep_no_arrays():
    lab, outputs = ConvStep(), []
    for i in range(1000):
        lab.set(stride=1 + i % 2)
        outputs.append(weakref.ref(lab.output))
    assert sum(output() is not None for output in outputs) < 10
    assert len(lab.history) <= 1000


def test_the_prediction_is_about_this_image():
    lab = ConvStep(np.ones((9, 9)), stride=2, padding=1, predict=True)
    assert "5×5" in lab._question.choices
    assert lab.answer("5×5").log[0]["right"] is True


def test_code_gives_the_same_output_and_state_carries_over():
    lab = ConvStep(RNG.normal(size=(6, 7))).set(take="sharpen", stride=2, padding=2)
    names = {}
    exec(lab.as_code(), names)
    np.testing.assert_array_equal(names["output"], lab.output)
    again = ConvStep(lab.image).set(**lab.state)
    assert again.state == lab.state


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (ConvStep(model=network())._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "gives 6×6" in first


BOTH_WAYS = """cells => { for (const key of ["ArrowRight", "ArrowDown"])
    cells.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }"""  # in one frame


@pytest.mark.browser
def test_browser_cells_are_conv2ds_and_both_sides_work_by_keyboard(pages):
    lab = pages("convstep")
    lab.execute("lab.reset(); lab.set(take='sharpen', stride=2, padding=1, dilation=2, gradients=True)")
    lab.settle()
    cells = lab.lab.locator("[data-values]")
    output, dx, dk = (np.array(json.loads(cells.nth(i).get_attribute("data-values"))) for i in range(3))
    np.testing.assert_allclose(output, np.ravel(lab.value("step.output.tolist()")), rtol=1e-6, atol=1e-6)
    lab.execute("from course_lib.widgets import convwork")
    lab.execute("slopes = convwork.gradients(step.input, step.kernel, 2, 1, 2)")
    for shown, name in ((dx, 0), (dk, 1)):
        np.testing.assert_allclose(shown, np.ravel(lab.value(f"slopes[{name}].tolist()")), rtol=1e-5, atol=1e-5)
    lab.execute("lab.reset()")
    lab.settle()
    out = lab.lab.get_by_role("application", name="output row")
    inp = lab.lab.get_by_role("application", name="input row")
    out.focus()
    for key in ("ArrowRight", "ArrowDown"):
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.value("step.state['t']") == 7
    assert out.get_attribute("aria-label").startswith("output row 1, column 1")
    out.evaluate(BOTH_WAYS)
    lab.settle()
    assert lab.value("step.state['t']") == 14
    lab.execute("lab.set(t=7)")
    lab.settle()
    inp.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.settle()
    assert lab.lab.locator("[data-sum]").inner_text().startswith("x(1,2)")
    assert "enters 6 of 36" in lab.lab.locator("[data-sum]").inner_text()
    lab.clean()


@pytest.mark.browser
def test_browser_kernel_is_typed_dragged_and_drawn_in_a_frame(pages):
    lab = pages("convstep")
    lab.execute("lab.reset()")
    lab.settle()
    field = lab.lab.get_by_role("spinbutton", name="kernel row 2, column 2")
    field.fill("2.5")
    lab.settle()
    assert lab.value("step.kernel[1, 1]") == 2.5
    field.press("ArrowUp")
    lab.settle()
    assert lab.value("step.kernel[1, 1]") == 2.6
    box = field.bounding_box()
    lab.page.mouse.move(box["x"] + 20, box["y"] + 10)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 20, box["y"] - 40, steps=10)
    lab.page.mouse.up()
    lab.settle()
    assert lab.value("step.kernel[1, 1]") == 3.6
    assert field.input_value() == "3.6"
    target = lab.lab.get_by_role("application", name="output row").bounding_box()
    times = []
    for i in range(30):
        lab.page.mouse.move(target["x"] + 15 + 24 * (i % 6), target["y"] + 15 + 24 * (i // 6))
        lab.page.evaluate("new Promise(requestAnimationFrame)")
        times.append(float(lab.lab.get_attribute("data-drawn")))
    assert sorted(times)[14] < GROSS * FRAME  # the median, for the machine may be busy
    lab.clean()
