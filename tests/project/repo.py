"""What the project tests look at: the files git knows or would add, chapters, and what is in their Markdown."""

import re
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".json", ".js", ".css", ".cfg", ".ipynb", ".lock", ".txt", ".sh", ""}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that is not ignored, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(p for name in listed.split("\0") if name and (p := Path(name)) and (ROOT / p).exists()))


def chapters() -> list[Path]:
    """The chapters' notebooks."""
    return [p for p in files() if p.parts[0] == "chapters" and p.suffix == ".ipynb"]


@cache
def notebook(path: Path):
    return nbformat.v4.reads((ROOT / path).read_text(encoding="utf-8"))


class Tags(HTMLParser):
    """Collects the start tags of an HTML text with their attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def html_tags(text: str) -> list[tuple[str, dict]]:
    return Tags(text).found


class Document:
    """A Markdown text: its links, images (source, alt) and the anchors that one can link to."""

    def __init__(self, text: str):
        self.links, self.images, self.anchors = [], [], set()
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        for token, following in zip(tokens, [*tokens[1:], None], strict=True):
            if token.type == "heading_open":
                self.add_heading(plain(following))
            for child in [token, *(token.children or [])]:
                self.add(child)

    def add(self, token):
        if token.type == "link_open":
            self.links.append(token.attrs["href"])
        if token.type == "image":
            self.images.append((token.attrs["src"], token.content))
        if token.type in ("html_block", "html_inline"):
            for tag, attrs in html_tags(token.content):
                if tag == "img":
                    self.images.append((attrs.get("src", ""), attrs.get("alt") or ""))
                if tag == "a" and attrs.get("href"):
                    self.links.append(attrs["href"])
                self.anchors |= {attrs[k] for k in ("id", "name") if attrs.get(k)}

    def add_heading(self, title: str):
        """Both forms in use: GitHub's (lower case, punctuation dropped) and JupyterLab's (spaces to hyphens)."""
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        self.anchors |= {slug, title.replace(" ", "-")}


def plain(inline) -> str:
    return "".join(c.content for c in inline.children if c.type in ("text", "code_inline"))


@cache
def documents() -> dict[Path, Document]:
    """Every Markdown file, and every notebook's Markdown cells taken together."""
    found = {p: Document((ROOT / p).read_text(encoding="utf-8")) for p in files() if p.suffix == ".md"}
    for p in chapters():
        found[p] = Document("\n\n".join(c.source for c in notebook(p).cells if c.cell_type == "markdown"))
    return found
