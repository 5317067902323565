"""`Module`, the base of all layers: it knows its parameters, its children and its state."""

import numpy as np

from course_lib.autograd import Tensor


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer changes."""

    __slots__ = ()

    def __init__(self, data, dtype=None):
        super().__init__(data, dtype, requires_grad=True)


class Module:
    """Base of all layers and models.

    A subclass sets parameters and other modules as attributes and writes `forward`. Calling the module calls it.
    """

    training = True

    def forward(self, *inputs, **options):
        """Compute the output. Every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def named_children(self):
        """Yield (name, module) for the modules that are attributes of this one."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def named_parameters(self, prefix: str = ""):
        """Yield (dotted name, parameter), in the order of definition; a shared parameter once."""
        seen = set()
        for name, module in self.named_modules(prefix):
            for key, value in vars(module).items():
                if isinstance(value, Parameter) and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{name}.{key}" if name else key, value

    def named_modules(self, prefix: str = ""):
        """Yield (dotted name, module) for this module and all below it."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def named_buffers(self):
        """Yield (dotted name, array) for state that is not learned, such as running means."""
        for name, module in self.named_modules():
            for key in getattr(module, "buffers", ()):
                yield f"{name}.{key}" if name else key, getattr(module, key)

    def parameters(self) -> list[Parameter]:
        """All parameters, as an optimizer wants them."""
        return [p for _, p in self.named_parameters()]

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of every parameter and buffer, by dotted name."""
        state = {name: p.data.copy() for name, p in self.named_parameters()}
        return state | {name: np.array(b) for name, b in self.named_buffers()}

    def load_state_dict(self, state: dict) -> None:
        """Copy values into the parameters and buffers, in place.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs; nothing is changed then.
        """
        own = {name: p.data for name, p in self.named_parameters()} | dict(self.named_buffers())
        missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
        if missing or unknown:
            raise ValueError(f"load_state_dict: missing {missing or 'nothing'}, "
                             f"not in this model {unknown or 'nothing'}")
        values = {name: np.asarray(value) for name, value in state.items()}
        for name, value in values.items():
            if value.shape != own[name].shape:
                raise ValueError(f"load_state_dict: {name} has shape {value.shape}, the model's is {own[name].shape}")
        for name, value in values.items():
            own[name][...] = value

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for p in self.parameters():
            p.grad = None

    def train(self, mode: bool = True):
        """Switch to training behaviour (dropout on, batch statistics), for all modules below too."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self):
        """Switch to evaluation behaviour."""
        return self.train(False)

    def __repr__(self):
        children = "".join(f"\n  ({name}): " + repr(m).replace("\n", "\n  ") for name, m in self.named_children())
        return f"{type(self).__name__}({self.extra_repr()}{children}" + ("\n)" if children else ")")

    def extra_repr(self) -> str:
        """What the repr shows between the brackets."""
        return ""


class Sequential(Module):
    """Modules applied one after the other."""

    def __init__(self, *layers):
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential: layer {i} is a {type(layer).__name__}, not a Module")
            setattr(self, str(i), layer)

    def forward(self, x):
        """Apply each layer to the output of the one before."""
        for layer in self:
            x = layer(x)
        return x

    def __iter__(self):
        return (layer for _, layer in self.named_children())

    def __len__(self):
        return len(list(self.named_children()))

    def __getitem__(self, index):
        layers = list(self)[index]
        return Sequential(*layers) if isinstance(index, slice) else layers
