"""A chapter of five cells for the tests of pairing and of the comparison of outputs: text, pictures, an error."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

TEXT = '''# ---
# jupyter:
#   course:
#     chapter: 1
#     title: Tiny
#     minutes: 1
# ---

# %% [markdown]
# # Tiny

# %%
import base64, io, os
import numpy as np
from IPython.display import display
from PIL import Image
print("answers from before:", os.path.exists(os.environ["COURSE_ANSWERS"]))
open(os.environ["COURSE_ANSWERS"], "w").close()

# %%
print("loss", 0.25)
1 + 1

# %%
buffer = io.BytesIO()
Image.fromarray(np.arange(4096, dtype=np.uint8).reshape(64, 64)).save(buffer, "png")
png = base64.b64encode(buffer.getvalue()).decode()
img = f'<figure><img alt="a ramp of greys" src="data:image/png;base64,{png}"></figure>'

# %%
display({"image/png": png, "text/plain": "picture"}, raw=True)
display({"text/html": img, "text/plain": "figure"}, raw=True)

# %% tags=["raises-exception"]
1 / 0
'''
MARKDOWN, IMPORTS, NUMBERS, DRAWING, PICTURES, ERROR = range(6)  # the cells, by position


def write(folder: Path, name: str = "01_tiny") -> Path:
    """Write the chapter's text and return its path."""
    path = folder / f"{name}.py"
    path.write_text(TEXT, encoding="utf-8")
    return path


def blot(encoded: str, size: int = 0) -> str:
    """Return the picture (base64 PNG) in other bytes, with a black square of `size` pixels in its top right corner."""
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(encoded))))
    pixels[:size, 64 - size :] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=1)
    return base64.b64encode(buffer.getvalue()).decode()
