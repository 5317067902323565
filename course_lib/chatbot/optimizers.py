"""AdamW for all, or Muon for the matrices in between; both are PyTorch's."""

import torch

from course_lib.chatbot.recipe import Recipe


def make_optimizers(model, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """AdamW, fused where it can be (Loshchilov & Hutter, ICLR 2019); matrices decay, norms and biases do not.

    With ``recipe.muon`` the blocks' matrices get Muon's steps instead: the gradient's average with its singular values
    made about equal (Jordan et al., 2024, kellerjordan.github.io/posts/muon).
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    muon = [p for name, p in named if recipe.muon and p.ndim == 2 and ".blocks." in f".{name}"]
    rest = [p for _, p in named if not any(p is q for q in muon)]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": recipe.weight_decay, "scale": 1.0},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0, "scale": 1.0},
    ]
    fused = named[0][1].device.type in ("cpu", "cuda")
    adamw = torch.optim.AdamW([g for g in groups if g["params"]], recipe.lr, (0.9, recipe.beta2), fused=fused)
    if not muon:
        return [adamw]
    group = {"params": muon, "scale": recipe.muon / recipe.lr}
    return [adamw, torch.optim.Muon([group], recipe.muon, recipe.weight_decay)]
