"""The proof room: every public function and class of the core, verified three ways.

1. *Parity*: values and gradients equal PyTorch's, in float64 to a relative error of 1e-10, in float32 to 1e-5.
2. *Finite differences*: gradients equal central differences, which know nothing of the chain rule. What has no gradient
   is held against a second reference instead: 100 steps of torch.optim, scikit-learn, SciPy.
3. *Properties*: mathematical laws, on inputs that hypothesis draws and shrinks.

Extreme inputs (±1e4, 0, empty, nan, infinities) must give PyTorch's answer or a stated one, in both dtypes.

``python -m course_lib.verify`` runs it all and writes docs/VERIFICATION.md; ``--check`` fails if that page is stale.
`gradcheck` is for everyone: ``gradcheck(f, x, y)`` checks any function of Tensors. It needs NumPy only.

To add a function
-----------------
Say it is ``course_lib/conv.py``'s ``conv2d``. A test lists what has no spec yet. Make ``specs/conv.py``::

    def cases(rng):                                        # smooth inputs: parity and finite differences
        for padding in (0, 1):                             # positional float arrays are differentiated,
            x, w = normal(rng, (2, 3, 5, 5)), normal(rng, (4, 3, 3, 3))   # keywords are constants
            yield case(x, w, padding=padding)

    def edges(rng):                                        # kinks and extremes: parity only
        yield edge("empty", np.zeros((0, 3, 5, 5)), np.ones((4, 3, 3, 3)))

    @holds(rng=seeds(), c=floats())                        # a property: hypothesis draws, the body asserts;
    def linear_in_the_kernel(rng, c):                      # its name is published, so let it read as a sentence
        ...

    SPECS = (Spec("conv.conv2d", cases, torch.nn.functional.conv2d, edges=edges, properties=(linear_in_the_kernel,)),)

- A layer: ``ours=`` and ``twin=`` take its inputs and parameters (`specs/nn.py` has `layer` and `functional`).
- No twin or no gradient: ``parity=`` / ``second=`` take ``Measured("reference", run)``, where ``run(dtype)`` returns
  the worst relative error, or ``Without("why")``. Who may be without is listed in tests/verify/test_coverage.py.
- An answer that differs from PyTorch's on purpose: ``edge(..., differs="why", answer=value)``.
- ``pytest tests/verify -k conv`` runs the new proofs; ``python -m course_lib.verify`` publishes them.
"""

from course_lib.verify.gradcheck import GradReport, gradcheck

__all__ = ["GradReport", "gradcheck"]
