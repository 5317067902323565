"""In a real kernel: a chapter with stubs runs through, wrong and right answers are told, time limits work."""

import nbformat
from nbclient import NotebookClient

SETUP = "import numpy as np\nfrom course_lib.checks import check, hint, predict, compare, use_mine, restore, progress"
STUB = "def sigmoid(x):\n    '''Logistic function.'''\n    ...  # your code"
WRONG = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
RIGHT = """def sigmoid(x):
    e = half(x)
    return np.where(x >= 0, 1, e) / (1 + e)

def half(x):
    return np.exp(-np.abs(x))
"""
LOOP = "def sigmoid(x):\n    while True: pass"
ASK = 'check("4.1", sigmoid)'


def run_cells(*cells):
    """The printed text of each cell, all in one kernel."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, kernel_name="python3", timeout=120).execute()
    outputs = [cell.outputs for cell in book.cells]
    assert all(output.output_type == "stream" for cell in outputs for output in cell)  # nothing but printed text
    return ["".join(output.text for output in cell) for cell in outputs]


def test_a_chapter_in_a_kernel(answers):
    printed = run_cells(
        SETUP, STUB, ASK, 'use_mine("sigmoid", sigmoid)', 'predict("4-p1", "Up or down?", ["up", "down"])',
        'compare("4-p1", "up")', WRONG, ASK, LOOP, ASK, RIGHT, ASK, "restore(4)")
    assert printed[2] == "4.1 sigmoid: not attempted yet.\n"
    assert "the library's own stays" in printed[3]
    assert "No prediction yet" in printed[4]
    assert "exp(-x) overflows" in printed[7]
    assert "did not finish in time" in printed[9]
    assert "right, on all" in printed[11]
    assert printed[12] == "4.1 sigmoid: restored, right.\n"


def test_a_reset_chapter_gets_its_answers_back(answers):
    run_cells(SETUP, RIGHT, ASK)
    printed = run_cells(SETUP, STUB, ASK, "restore(4)", ASK, "print(sigmoid(np.zeros(1)))", 'use_mine("sigmoid")')
    assert printed[2] == "4.1 sigmoid: not attempted yet. Your recorded answer comes back with restore(4).\n"
    assert "restored, right" in printed[3]
    assert "right, on all" in printed[4]
    assert printed[5] == "[0.5]\n"
    assert "now uses your sigmoid" in printed[6]
