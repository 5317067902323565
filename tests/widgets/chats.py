"""Chats for the tests of ChatLab."""

from course_lib.chatbot import Sampling, load_chat

WARM = Sampling(temperature=0.9, top_k=40, top_p=0.9, seed=3)


def new_chat(**options):
    """The course's own chat, with short replies."""
    return load_chat("course", **({"max_new_tokens": 24, "sampling": WARM} | options))


def reply(lab):
    """The newest reply."""
    return lab.talk.turns[-1].reply
