"""The benchmarks' peer is the same network as ours, so that its time may be compared with ours."""

import torch

from benchmarks import __main__ as page
from benchmarks import chatbot, plain_gpt, race
from course_lib.chatbot.config import Config
from course_lib.chatbot.transformer import Transformer


def test_the_plain_loops_network_is_ours():
    torch.manual_seed(0)
    plain = plain_gpt.PlainGPT(chatbot.VOCAB)
    ours = Transformer(Config(chatbot.VOCAB, block_size=plain_gpt.BLOCK, **chatbot.STYLE))
    names = {"qkv": "attention.qkv", "out": "attention.out", "up": "feed.up", "down": "feed.down"}
    state = {}
    for name, p in plain.state_dict().items():
        for short, long in names.items():
            name = name.replace(f".{short}.", f".{long}.")
        state[name] = p
    ours.load_state_dict(state)
    ids = torch.randint(chatbot.VOCAB, (2, plain_gpt.BLOCK))
    with torch.no_grad():
        torch.testing.assert_close(plain(ids), ours(ids), atol=1e-4, rtol=1e-4)


def test_the_races_clock_ends_and_the_rate_falls_to_nothing():
    ids = race.np.tile(race.np.arange(10), 300)
    for model, steps, length in (race.plain(ids, 10, 0, 0.3), race.ours(ids, 10, 0, 0.3, race.FAST)):
        assert steps >= 1
        assert race.loss_of(model, ids, length) < 2.5


def test_one_section_is_measured_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    made = {"a b": lambda: "one", "c": lambda: "two", "d": lambda: "three"}
    monkeypatch.setattr(page, "_writers", lambda: made)
    page.main([])
    made["c"] = lambda: "new"
    page.main(["c"])
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.endswith("## a b\n\none\n\n## c\n\nnew\n\n## d\n\nthree\n")
