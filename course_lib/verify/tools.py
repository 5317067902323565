"""PyTorch and hypothesis, which the proofs need and the course does not."""

try:
    import hypothesis
    import torch
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"the verification needs {error.name}; install it with: pip install 'course-lib[dev]'", name=error.name
    ) from None

__all__ = ["hypothesis", "torch"]
