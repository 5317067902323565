"""What happened in a run, as plain lists of numbers that plot and export themselves."""

import csv
import io
import os


class History:
    """Losses per step and a row of numbers per epoch.

    Attributes
    ----------
    steps : list of float
        Batch loss before each optimizer step.
    lrs : list of float
        Learning rate of each step.
    epochs : list of dict
        epoch, loss (mean over its batches), lr and, with validation data, val_loss and val_<metric>.
    """

    def __init__(self):
        self.steps, self.lrs, self.epochs = [], [], []

    def add_step(self, loss: float, lr: float) -> None:
        """Record one step."""
        self.steps.append(loss)
        self.lrs.append(lr)

    def add_epoch(self, row: dict) -> None:
        """Record one epoch."""
        self.epochs.append(row)

    def __getitem__(self, column: str) -> list:
        """One column of the epoch table."""
        if self.epochs and column not in self.epochs[0]:
            raise KeyError(f"no column {column!r}; the history has {', '.join(self.epochs[0])}")
        return [row[column] for row in self.epochs]

    def __len__(self):
        return len(self.epochs)

    def __repr__(self):
        last = ", ".join(f"{k} {v:.4g}" for k, v in self.epochs[-1].items()) if self.epochs else "no epoch finished"
        return f"History({len(self.steps)} steps; {last})"

    def table(self) -> list[dict]:
        """A copy of the rows, one per epoch."""
        return [dict(row) for row in self.epochs]

    def to_csv(self, path) -> None:
        """Write the epoch table as CSV; the file appears only when it is complete."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(self.epochs[0]) if self.epochs else ["epoch"])
        writer.writeheader()
        writer.writerows(self.epochs)
        part = f"{path}.part"  # beside its goal, so that the last step is a rename
        with open(part, "w", newline="", encoding="utf-8") as file:
            file.write(text.getvalue())
        os.replace(part, path)

    def plot(self, figure=None):
        """Draw loss and metrics against epochs; return a matplotlib Figure.

        Parameters
        ----------
        figure : matplotlib.figure.Figure, optional
            Where to draw; a new one by default.
        """
        from matplotlib.figure import Figure

        metrics = [c.removeprefix("val_") for c in (self.epochs[0] if self.epochs else {}) if c.startswith("val_")]
        metrics = [m for m in metrics if m != "loss"]
        figure = figure or Figure(figsize=(4.2 * (1 + len(metrics)), 3), layout="constrained")
        axes = figure.subplots(1, 1 + len(metrics), squeeze=False)[0]
        epochs = self["epoch"]
        axes[0].plot(epochs, self["loss"], label="training")
        if self.epochs and "val_loss" in self.epochs[0]:
            axes[0].plot(epochs, self["val_loss"], "--", label="validation")
        axes[0].set(xlabel="epoch", ylabel="loss")
        for axis, metric in zip(axes[1:], metrics, strict=True):
            axis.plot(epochs, self[f"val_{metric}"], "--", color="C1", label="validation")
            axis.set(xlabel="epoch", ylabel=metric)
        for axis in axes:
            axis.legend(frameon=False)
        return figure

    def state_dict(self) -> dict:
        """A copy of everything."""
        return {"steps": list(self.steps), "lrs": list(self.lrs), "epochs": self.table()}

    def load_state_dict(self, state: dict) -> None:
        """Go back to a copy."""
        self.steps, self.lrs = list(state["steps"]), list(state["lrs"])
        self.epochs = [dict(row) for row in state["epochs"]]
