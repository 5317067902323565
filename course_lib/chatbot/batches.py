"""The rows of each step, on the device when they are needed."""

from concurrent.futures import Future, ThreadPoolExecutor

import torch

from course_lib.chatbot import distributed
from course_lib.chatbot.recipe import Recipe


class Batches:
    """Of each step, the rows for one process.

    On a GPU the next step's rows are drawn by a second thread, while the GPU computes, into pinned memory, from which
    the copy to the GPU need not be waited for.

    Parameters
    ----------
    rows : Rows
        Or whatever else has ``batch(recipe, step)``.
    recipe : Recipe
    device : torch.device
    ahead : bool, optional
        Whether to draw the next rows ahead; by default on a GPU.
    """

    def __init__(self, rows, recipe: Recipe, device: torch.device, ahead: bool | None = None):
        share = recipe.accumulate * distributed.size()
        if recipe.batch % share:
            raise ValueError(f"Recipe: batch ({recipe.batch}) must be a multiple of accumulate × processes ({share})")
        self.rows, self.recipe, self.device = rows, recipe, device
        ahead = device.type == "cuda" if ahead is None else ahead
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="batches") if ahead else None
        self.waiting: dict[int, Future] = {}

    def get(self, step: int) -> torch.Tensor:
        """The rows of a step."""
        if self.pool is None:
            return self._draw(step).to(self.device)
        waiting, self.waiting = self.waiting, {}
        drawn = waiting.pop(step, None) or self.pool.submit(self._draw, step)
        for other in waiting.values():  # a resumed run is elsewhere
            other.cancel()
        if step + 1 < self.recipe.steps:
            self.waiting[step + 1] = self.pool.submit(self._draw, step + 1)
        return drawn.result().to(self.device, non_blocking=True)

    def _draw(self, step):
        rows = torch.from_numpy(self.rows.batch(self.recipe, step))
        rows = rows.chunk(distributed.size())[distributed.rank()]
        return rows.pin_memory() if self.device.type == "cuda" else rows
