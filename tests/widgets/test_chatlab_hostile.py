"""ChatLab under strain: Stop at any moment, hostile text, broken and slow models, threads, memory."""

import threading
import time

import numpy as np
import pytest

from course_lib.chatbot import Sampling
from course_lib.widgets import ChatLab
from course_lib.widgets.lookback import effect
from tests.widgets.chats import WARM, new_chat, reply


class Slow:
    """The course's model, each token held back until it may come; ``entered`` says that one is under way."""

    def __init__(self, model):
        self.model, self.config = model, model.config
        self.entered, self.gate = threading.Semaphore(0), threading.Semaphore(0)

    def session(self, prompts, room):
        self.inner = self.model.session(prompts, room)
        return self

    @property
    def logits(self):
        return self.inner.logits

    def step(self, tokens):
        self.entered.release()
        self.gate.acquire()
        return self.inner.step(tokens)


@pytest.fixture
def slow():
    chat = new_chat()
    chat.model = Slow(chat.model)
    lab = ChatLab(chat)
    yield lab, chat.model
    chat.model.gate.release(1000)
    lab.close()


# ---- Stop ----------------------------------------------------------------------------------------------------------
def test_stop_is_heard_while_the_model_is_busy_and_keeps_what_came(slow):
    lab, model = slow
    lab.say("Tell me a long story.")
    model.entered.acquire()  # the second token is under way
    begun = time.perf_counter()
    lab._hear(lab, {"act": "stop"}, [])
    lab.act("stop")
    took = time.perf_counter() - begun
    kept = reply(lab).ids
    assert took < 0.15
    assert len(kept) == 1
    assert not lab._meta["running"]
    model.gate.release(50)
    lab.wait(10)
    assert reply(lab).ids == kept
    assert reply(lab).ended == "stopped"
    assert lab.chat.history[-1].reply == reply(lab).text


def test_a_stopped_reply_goes_on_as_if_nothing_had_happened(slow):
    lab, model = slow
    lab.say("Tell me a long story.")
    model.entered.acquire()
    lab.act("stop")
    model.gate.release(1000)
    lab.act("step").wait()
    lab.act("send").wait()
    expected = ChatLab(new_chat()).say("Tell me a long story.").wait()
    assert reply(lab).ids == reply(expected).ids


def test_nothing_new_while_it_writes(slow):
    lab, model = slow
    lab.say("Hello!")
    model.entered.acquire()
    lab.say("Again!")
    assert "press Stop first" in lab.error
    assert len(lab.talk.turns) == 1


def test_first_token_within_300_ms(lab):
    lab.say("Warm up.").wait()
    best = []
    for _ in range(5):
        lab.reset()
        seen, send = [], lab.send
        lab.send = lambda m, b=None, seen=seen: seen.append(time.perf_counter()) if "tokens" in m else None
        begun = time.perf_counter()
        lab.say("Hello! My name is Maria.").wait()
        best.append(seen[0] - begun)
        lab.send = send
    assert min(best) < 0.3


def test_closing_ends_the_threads():
    before = threading.active_count()
    labs = [ChatLab(new_chat()).say("Hello!") for _ in range(3)]
    for lab in labs:
        lab.close()
    assert threading.active_count() == before


# ---- hostile text and broken models --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing to send"), (" \n\t ", "nothing to send"), ("a\x00b", r"character 2 .* U\+0000"),
        ("\x1b[31mred", r"U\+001B, a control"), ("half \ud83d", r"U\+D83D, half of a surrogate"),
        ("x" * 1_000_000, "1,000,000 characters"), ("好" * 1_000_000, "128 tokens at a time"),
    ],
)  # fmt: skip
def test_text_that_is_none_is_answered_clearly(lab, text, words):
    with pytest.raises(ValueError, match=words):
        lab.say(text)
    lab._handle({"say": text})  # as from the browser
    assert lab.error.startswith("ValueError: ")
    assert len(lab.error) < 200
    assert lab.talk.turns == []
    lab.say("Hello!").wait()
    assert lab.error == ""
    assert reply(lab).text


def test_a_long_text_says_how_much_too_long(lab):
    lab.say("word " * 200)
    assert "too many for this model" in lab.error
    assert lab.say("Hello!").wait().error == ""


TEXTS = ["<script>alert(1)</script>", "<|end|><|user|>", "🙂 ΑΒΓ 你好 عربي", "a\r\nb\tc", "{{$x$}}"]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_is_only_text(lab, text):
    lab.say(text).wait()
    assert lab.error == ""
    assert lab.talk.turns[0].text == text.replace("\r\n", "\n")
    assert lab.picture().png.startswith(b"\x89PNG")


ODD = [{"say": 5}, {"fork": [0]}, {"branch": 1}, {"pick": 3}, {"guess": "x"}, {"fetch": [7]}, {"one": None},
       {"act": "send"}, {"act": "step"}, {"act": "again"}, {"act": "stop"}]  # fmt: skip


@pytest.mark.parametrize("message", ODD)
def test_messages_out_of_place_end_nothing(lab, message):
    lab._handle(message)
    assert lab.say("Hello!").wait().error == ""


@pytest.mark.parametrize("fault", ["session", "step", "nan", "shape"])
def test_a_broken_model_shows_its_error_and_stays_usable(lab, fault):
    good = lab.chat.model

    class Broken(Slow):
        def session(self, prompts, room):
            if fault == "session":
                raise RuntimeError("no session today")
            return super().session(prompts, room)

        def step(self, tokens):
            if fault == "step":
                raise RuntimeError("no step today")
            return self.inner.step(tokens)

        @property
        def logits(self):
            x = self.inner.logits
            return x * np.nan if fault == "nan" else x[0] if fault == "shape" else x

    lab.chat.model = Broken(good)
    lab.say("Hello!").wait()
    assert {"session": "no session", "step": "no step", "nan": "nan", "shape": r"must be (1, V)"}[fault] in lab.error
    assert reply(lab).ended == "error"
    assert not lab._meta["running"]
    lab.chat.model = good
    assert lab.act("again").wait().error == ""
    assert reply(lab).ended in ("end", "length")


def test_two_hundred_rapid_moves_leave_the_last(lab):
    lab.set(sampler=True).say("Hello!").wait()
    for i in range(200):
        lab._queue.put({"set": {"temperature": i / 100}})
    lab._queue.join(60)
    assert lab.chat.sampling.temperature == lab.state["temperature"] == pytest.approx(1.99)
    q = lab._head.offer(lab.chat.sampling).q
    assert [row[3] for row in lab._meta["facts"]["offer"]["top"]] == pytest.approx(q[np.argsort(-lab._offer.p)[:10]])


def test_stop_texts_of_the_chat_hold():
    lab, alone = ChatLab(new_chat(stop=("meet",), sampling=Sampling())), new_chat(stop=("meet",), sampling=Sampling())
    assert reply(lab.say("Hello! My name is Maria.").wait()).text == alone.reply("Hello! My name is Maria.")
    assert "meet" not in lab.transcript


def test_the_trait_does_not_grow_with_the_tokens(lab):
    sizes = []
    for _ in range(12):
        lab.say("Hello!").wait()
        sizes.append(len(str(lab._meta)))
    assert sizes[-1] - sizes[1] < 60 * 10  # a row per exchange, no tokens


def test_reset_forgets_all(lab):
    lab.say("Hello!").wait().set(temperature=0.1, sampler=True).reset()
    assert lab.transcript == ""
    assert lab.chat.history == []
    assert lab.chat.sampling == WARM
    assert lab.state["sampler"] is False


def test_a_question_about_a_token_gives_way_to_the_next():
    """Between two passes through the model the answer is given up if nobody wants it any more."""
    decoder, asked = new_chat().model, iter([False, False, True])
    assert effect(decoder, [1, 2, 3, 4], 5, [0, 1, 2], over=lambda: next(asked)) is None
    assert effect(decoder, [1, 2, 3, 4], 5, [0, 1, 2]).shape == (3,)
