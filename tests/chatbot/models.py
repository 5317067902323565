"""Small models for the tests, with weights large enough to matter."""

import torch

from course_lib.chatbot.config import Config
from course_lib.chatbot.transformer import Transformer

SIZE = {"block_size": 48, "n_layer": 2, "n_head": 4, "d_model": 32}
CONFIGS = {
    "llama": Config(60, n_kv_head=2, **SIZE),
    "llama-untied": Config(60, n_kv_head=1, tied=False, d_head=16, **SIZE),
    "gpt2": Config.gpt2_style(60, **SIZE),
    "mixed": Config(60, norm="layer", activation="gelu", position="rotary", bias=True, n_kv_head=2, **SIZE),
    "mixed-too": Config(60, norm="rms", activation="swiglu", position="learned", bias=True, **SIZE),
    "no-bias": Config(60, norm="layer", activation="gelu_tanh", position="learned", **SIZE),
}


def make(name="llama", **changes):
    """A model of one of the `CONFIGS`, its weights, norms' too, far from their beginnings."""
    config = Config.from_dict(CONFIGS[name].to_dict() | changes)
    torch.manual_seed(1)
    model = Transformer(config).eval()
    with torch.no_grad():
        for p in model.parameters():
            p += 0.15 * torch.randn_like(p)
    return model
