"""Widgets on an empty page, without JupyterLab and kernel: what Python has sent them, and nobody who answers."""

import base64

RENDER = """async ([source, css, traits]) => {
    const sheet = document.createElement('style');
    sheet.textContent = css;
    document.head.append(sheet);
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const get = (name) => (typeof traits[name] === 'string' ? bytes(traits[name]) : traits[name]);
    const widget = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    const el = document.createElement('div');
    document.body.append(el);
    widget.default.render({ model: { get, on() {}, off() {}, send() {} }, el });
}"""


def put(page, *labs) -> None:
    """Draw widgets on a page."""
    page.goto("about:blank")
    for lab in labs:
        sent = {name: getattr(lab, name) for name in ("_meta", "_buffer", "_backdrop", "_rows") if hasattr(lab, name)}
        sent = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in sent.items()}
        page.evaluate(RENDER, [str(lab._esm), str(lab._css), sent])
    page.wait_for_function("n => document.querySelectorAll('.lab[data-ready]').length === n", arg=len(labs))


def made(cells: tuple[str, ...]):
    """The widget of a notebook, as its cells make it."""
    names = {}
    for cell in cells:
        exec(cell, names)
        if "lab" in names:
            return names["lab"]
    raise ValueError("no cell makes a `lab`")
