"""The web page in headless Chromium: by keyboard, found by role and name, with nothing from elsewhere."""

import pytest

pytest.importorskip("fastapi", reason="the extra 'serve' is not installed: fastapi is missing")
pytest.importorskip("uvicorn", reason="the extra 'serve' is not installed: uvicorn is missing")

from course_lib.chatbot.chat import load_chat
from course_lib.chatbot.serving.app import make_app
from course_lib.chatbot.serving.limits import Limits
from tests.chatbot.serving import running, scripted_chat

pytestmark = pytest.mark.browser
FRANCE = "What is the capital of France?"


@pytest.fixture
def visit(browser):
    """A function that opens the page on a port; afterwards: no error, nothing asked of other machines."""
    opened, errors, strangers = [], [], []

    def go(port, **options):
        page = browser.new_page(**options)
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        home = f"http://127.0.0.1:{port}/"
        page.on("request", lambda r: None if r.url.startswith((home, "data:")) else strangers.append(r.url))
        page.goto(home)
        opened.append(page)
        return page

    yield go
    for page in opened:
        page.close()
    assert (errors, strangers) == ([], [])


def send(page, text):
    """By keyboard alone: the page puts the focus where one writes."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def bubbles(page, n):
    """The texts of the conversation once it has n and the last one is complete."""
    page.wait_for_function("n => document.querySelectorAll('#log[aria-busy=false] span').length === n", arg=n)
    return page.get_by_role("log", name="Conversation").locator("span").all_inner_texts()


def test_a_conversation_by_keyboard(visit):
    chat = load_chat("course")
    expected = [FRANCE, chat.reply(FRANCE), "And of Japan?", chat.reply("And of Japan?")]
    with running(make_app(load_chat("course"), "course")) as port:
        page = visit(port)
        send(page, FRANCE)
        assert bubbles(page, 2) == expected[:2]
        send(page, "And of Japan?")
        assert bubbles(page, 4) == expected
        page.get_by_role("button", name="New conversation").click()
        send(page, "<b>你好</b>")  # text, never markup
        assert bubbles(page, 2)[0] == "<b>你好</b>"
        page.close()


def test_stop_ends_a_reply_without_end_and_frees_its_row(visit):
    chat = scripted_chat(max_new_tokens=10**6)
    chat.model.pause = 8
    with running(make_app(chat, "test", Limits(rows=1, waiting=1))) as port:
        page = visit(port)
        for n in (2, 4):
            chat.model.gate.clear()
            send(page, "hello")
            page.wait_for_function("n => document.querySelectorAll('#log span')[n - 1]?.textContent.length > 3", arg=n)
            assert page.get_by_role("button", name="Send").is_disabled()
            page.get_by_role("button", name="Stop").click()
            page.get_by_role("status").get_by_text("Stopped.").wait_for()
            chat.model.gate.set()
        page.close()


def test_the_page_fits_a_phone_and_every_field_has_a_name(visit):
    with running(make_app(scripted_chat(), "test")) as port:
        page = visit(port, viewport={"width": 320, "height": 568})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        fields = page.locator("input, button")
        for i in range(fields.count()):
            field = fields.nth(i)
            assert field.evaluate("e => e.labels[0]?.textContent || e.textContent")
            assert field.bounding_box()["height"] >= 44
        page.close()
