"""ChatLab: what is shown is what the model said, and what a hand does to a reply is what it says."""

import subprocess
import sys

import numpy as np
import pytest

from course_lib.chatbot import Sampling
from course_lib.chatbot.inspect import attention_rows
from course_lib.data.dialogue import Pair
from course_lib.widgets import ChatLab
from course_lib.widgets.nexttoken import PLAIN, Head, label
from course_lib.widgets.talk import MAX_REPLIES
from tests.widgets.chats import WARM, new_chat, reply


# ---- the reply is the chat's ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("sampling", [Sampling(), WARM, Sampling(1.5, seed=7), Sampling(0.8, repetition_penalty=1.3)])
def test_replies_and_history_are_those_of_the_chat(sampling):
    alone, lab = new_chat(sampling=sampling), ChatLab(new_chat(sampling=sampling))
    for text in ("Hello! My name is Maria.", " What is my name? ", "法国的首都是哪里？"):
        expected = alone.reply(text)
        assert reply(lab.say(text).wait()).text == expected
    assert lab.chat.history == alone.history
    assert lab.transcript.splitlines()[2:4] == ["you: What is my name?", f"bot: {alone.history[1].reply}"]
    lab.close()


def test_same_seed_same_ids_and_regenerate_takes_the_next(lab):
    first = reply(lab.say("Tell me a joke.").wait()).ids
    lab.act("again").wait()
    assert lab.state["seed"] == 4
    other = reply(lab).ids
    lab.set(seed=2).act("again").wait()
    assert reply(lab).ids == first != other
    assert len(lab.talk.turns[-1].replies) == 3


def test_without_chance_regenerate_says_the_same(lab):
    first = reply(lab.set(temperature=0).say("Hello!").wait()).ids
    assert reply(lab.act("again").wait()).ids == first
    assert lab.state["seed"] == WARM.seed


def test_what_is_said_to_the_chat_elsewhere_is_shown():
    lab = ChatLab(chat := new_chat())
    chat.reply("Hello!")
    lab.publish()
    assert lab.transcript == f"you: Hello!\nbot: {chat.history[0].reply}"
    lab.say("What is your name?").wait()
    chat.reset()
    lab.publish()
    assert lab.transcript == ""
    chat.sampling = Sampling(temperature=0.5, seed=9)
    lab.publish()
    assert (lab.state["temperature"], lab.state["top_k"], lab.state["top_p"], lab.state["seed"]) == (0.5, 0, 1, 9)
    lab.close()


def test_code_repeats_the_conversation(lab):
    lab.say("Hello!").wait().set(seed=8).say("Tell me a joke.").wait()
    lab.fork(1, 300).wait()
    again = new_chat()
    exec(lab.as_code(), {"chat": again, "print": lambda *words: None})
    assert again.history == lab.chat.history


def test_torch_says_the_same_and_shows_the_same_attention():
    labs = [ChatLab(new_chat(torch=torch, sampling=Sampling())) for torch in (False, True)]
    looks = []
    for lab in labs:
        lab.sent = []
        lab.send = lambda content, buffers=None, lab=lab: lab.sent.append(content)
        lab.say("What is the capital of France?").wait()
        looks.append(attended(lab, 2))
    assert labs[0].transcript == labs[1].transcript
    np.testing.assert_allclose(*([row[2] for row in look["rows"]] for look in looks), atol=1e-5)


# ---- numbers -------------------------------------------------------------------------------------------------------
def test_records_are_numpys_and_bars_sum_to_one(lab):
    lab.say("Hello! My name is Maria.").wait()
    turn = lab.talk.turns[-1]
    head = Head(lab.chat.model, turn.ids, 24)
    for token in turn.reply.tokens:
        x = head.session.logits[0].astype(np.float64)
        p = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
        assert token.p == pytest.approx(p[token.id], rel=1e-9)
        assert token.entropy == pytest.approx(-(p[p > 0] * np.log2(p[p > 0])).sum(), abs=1e-9)
        assert [row[0] for row in token.top[:10]] == np.argsort(-p, kind="stable")[:10].tolist()
        for k in (2, 3):
            assert sum(row[k] for row in token.top) + token.rest[k - 2] == pytest.approx(1, abs=1e-3)
        q = head.offer(WARM).q
        assert token.q == pytest.approx(q[token.id])
        assert token.q > 0
        if token.id != lab.chat.ends[0][0]:
            head.take(token.id)


def test_records_sent_are_those_kept_and_each_is_sent_once(lab):
    lab.say("Hello! My name is Maria.").wait()
    sent = [record for m in lab.sent if "tokens" in m for record in m["records"]]
    assert [record[0] for record in sent] == reply(lab).ids
    assert "".join(record[1] for record in sent) == reply(lab).text
    assert "top" not in str(lab._meta["facts"]["turns"])  # the trait holds no records
    lab.sent.clear()
    lab._handle({"fetch": [lab.talk.turns[-1].key]})
    assert [record[0] for record in lab.sent[0]["records"]] == reply(lab).ids


def attended(lab, place):
    lab.sent.clear()
    lab._handle({"attend": [lab.talk.turns[-1].key, place]})
    lab._looking.join(60)
    return lab.sent[-1]


def test_attention_is_the_models_and_sums_to_one(lab):
    lab.say("Hello! My name is Maria.").wait()
    look, turn = attended(lab, 3), lab.talk.turns[-1]
    ids = turn.ids + turn.reply.ids[:3]
    mean = attention_rows(lab.chat.model, ids).mean((0, 1))
    assert sum(row[2] for row in look["rows"]) + look["rest"] == pytest.approx(1, abs=1e-5)
    for place, name, weight, change in look["rows"]:
        assert weight == pytest.approx(mean[place], rel=1e-4)
        assert name == label(lab.chat.tokenizer, ids[place])
        assert np.isfinite(change)


def test_what_does_not_exist_cannot_be_attended(lab):
    lab.say("Hello!").wait()
    lab.sent.clear()
    lab._handle({"attend": [99, 0]})
    lab._looking.join(60)
    assert "no exchange 99" in lab.sent[-1]["failed"]


# ---- by hand -------------------------------------------------------------------------------------------------------
def test_fork_takes_the_token_and_keeps_the_other_reply(lab):
    first = reply(lab.say("Hello!").wait()).ids
    lab.fork(1, 300).wait()
    assert reply(lab).ids[:2] == [first[0], 300]
    assert (reply(lab).tokens[1].by, reply(lab).tokens[0].by) == ("you", "model")
    lab._handle({"branch": -1})
    assert reply(lab).ids == first
    assert lab.chat.history == [Pair("Hello!", reply(lab).text)]


def test_forking_to_what_was_drawn_anyway_changes_nothing(lab):
    first = reply(lab.say("Hello! My name is Maria.").wait()).ids
    assert reply(lab.fork(2, first[2]).wait()).ids == first


def test_forking_an_earlier_exchange_takes_the_later_ones_away(lab):
    lab.say("Hello!").wait().say("What is your name?").wait()
    lab.fork(0, 300, key=lab.talk.turns[0].key).wait()
    assert len(lab.talk.turns) == len(lab.chat.history) == 1


def test_many_forks_are_bounded(lab):
    lab.say("Hello!").wait()
    for i in range(MAX_REPLIES + 3):
        lab.fork(0, 300 + i).wait()
    assert len(lab.talk.turns[-1].replies) == MAX_REPLIES


@pytest.mark.parametrize("token", [-1, 2048, "x", None, True, 1.5])
def test_a_token_that_is_none_is_refused(lab, token):
    lab.say("Hello!").wait().fork(0, token)
    assert "there is no token" in lab.error
    assert len(lab.talk.turns[-1].replies) == 1


def test_the_sampler_chooses_every_token(lab):
    lab.set(sampler=True).say("What is the capital of France?").wait()
    assert reply(lab).tokens == []
    offer = lab._meta["facts"]["offer"]
    assert sum(row[2] for row in offer["top"]) + offer["rest"][0] == pytest.approx(1, abs=1e-3)
    for _ in range(3):
        lab._handle({"pick": lab._meta["facts"]["offer"]["top"][1][0]})
        lab.wait()
    assert [token.by for token in reply(lab).tokens] == ["you"] * 3
    lab.act("step").wait()
    assert [token.by for token in reply(lab).tokens][3:] == ["model"]
    lab.act("send").wait()
    assert reply(lab).ended in ("end", "length")


def test_settings_move_the_offer_that_is_open(lab):
    lab.set(sampler=True).say("Hello!").wait()
    warm = lab._meta["facts"]["offer"]["top"]
    cold = lab.set(temperature=0)._meta["facts"]["offer"]["top"]
    assert [row[2] for row in warm] == [row[2] for row in cold]
    assert [row[3] for row in cold] == [1.0] + [0.0] * 9


def test_a_guess_is_scored_in_bits(lab):
    lab.set(guess=True).say("What is the capital of France?").wait()
    assert lab._meta["facts"]["offer"] is None  # hidden
    p = lab._offer.p
    lab._handle({"guess": "The"})
    lab.wait()
    token = max(lab.chat.tokenizer.encode(" The")[0], lab.chat.tokenizer.encode("The")[0], key=lambda i: p[i])
    assert lab.guesses[0]["bits"] == pytest.approx(-np.log2(p[token]))
    assert lab.guesses[0]["best_bits"] == pytest.approx(-np.log2(p.max()))
    lab._handle({"guess": "  "})
    assert "type the beginning" in lab.error
    assert len(lab.guesses) == 1


def test_the_prompt_is_the_real_one(lab):
    lab.set(prompt=True).say("Hello <|end|>").wait()
    chips = lab._meta["facts"]["prompt"]
    assert [text for text, special in chips if special][:3] == ["<|start|>", "<|user|>", "<|bot|>"]
    assert len(chips) == len(lab.talk.turns[-1].ids + reply(lab).ids)
    assert ["<|end|>", True] not in chips[: len(lab.talk.turns[-1].ids)]  # typed, so no control token


def test_overflow_says_what_was_dropped(lab):
    for i in range(8):
        lab.say(f"My lucky number is {i}, what do you think of it?").wait()
    n = lab.talk.turns[-1].dropped
    assert n > 0
    assert f"no longer sees the first {n} exchanges" in lab.summary()
    turn = lab.talk.turns[-1]
    assert turn.ids == lab.chat.prompt(turn.text, lab.chat.history[n:-1])


# ---- dead ----------------------------------------------------------------------------------------------------------
def test_the_picture_before_anything_was_said_shows_an_example_and_leaves_no_trace(monkeypatch):
    lab = ChatLab(new_chat())
    assert "Maria" in lab.picture().alt
    assert (lab.transcript, lab.chat.history, lab.talk.turns) == ("", [], [])
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (ChatLab(new_chat())._repr_mimebundle_() for _ in range(2))
    assert first["text/html"] == second["text/html"]


def test_the_prediction_is_the_models(lab):
    asked = ChatLab(new_chat(), predict=True).answer("more than 50 %")
    p = Head(asked.chat.model, asked.chat.prompt("Hello!"), 1).offer(PLAIN).p.max()
    assert asked.log[0]["outcome"] == ("less than 10 %" if p < 0.1 else "10 to 50 %" if p <= 0.5 else "more than 50 %")


def test_it_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None; from course_lib.widgets import ChatLab; lab = ChatLab();"
        "lab.send = lambda message, buffers=None: seen.append(message); seen = []; lab.say('Hello!').wait();"
        "lab._handle({'attend': [1, 0]}); lab._looking.join(60); assert 'rows' in seen[-1]; lab.close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
