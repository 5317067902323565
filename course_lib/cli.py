"""The command `course`: talk to the course's chatbot in the terminal, or serve it on this machine."""

from importlib.util import find_spec
from typing import Annotated, Literal

INSTALL = "pip install 'course-lib[serve]'"

try:
    import typer
except ImportError:
    raise SystemExit(f"course: typer is not installed; install it: {INSTALL}") from None

LONGEST = {"course": 64, "smollm2": 256}  # tokens in a reply; the course's model has room for 128 in all
app = typer.Typer(help="Large Models, Verified: the course's commands.", no_args_is_help=True, add_completion=False)
Model = Annotated[Literal["course", "smollm2"], typer.Option(help="The course's own model, or SmolLM2-135M.")]


@app.command()
def chat(
    model: Model = "course",
    temperature: Annotated[float, typer.Option(min=0, max=2, help="0 is always the likeliest word.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same text.")] = 0,
):
    """Talk to a model in the terminal. /reset forgets what was said, /quit ends."""
    from course_lib.chatbot.sampling import Sampling

    talk = load(model, sampling=Sampling(temperature=temperature, seed=seed))
    typer.echo("/reset forgets what was said, /quit ends; Ctrl-C stops a reply.")
    while (text := _said()) not in (None, "/quit"):
        if text == "/reset":
            talk.reset()
            typer.echo("Forgotten.")
        elif text:
            _answer(talk, text)


@app.command()
def serve(
    model: Model = "course",
    host: Annotated[str, typer.Option(help="Where to listen; the default is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    name: Annotated[list[str] | None, typer.Option(help="Another name by which clients may call this server.")] = None,
):
    """Serve a model: a web page, and POST /chat for programs."""
    if missing := [package for package in ("fastapi", "uvicorn") if find_spec(package) is None]:
        raise SystemExit(f"course serve: {missing[0]} is not installed; install it: {INSTALL}")
    import uvicorn

    from course_lib.chatbot.serving.app import make_app
    from course_lib.chatbot.serving.limits import LOOPBACK

    hosts = (*LOOPBACK, *(n.lower() for n in name or ()))
    if host not in ("127.0.0.1", "localhost", "::1"):
        typer.echo(f"{host} may be reached from other machines, and this server asks for no password.", err=True)
    # proxy_headers would let clients choose the address by which they are counted.
    uvicorn.run(make_app(load(model), model, hosts=hosts), host=host, port=port, proxy_headers=False,
                server_header=False, limit_concurrency=64, timeout_graceful_shutdown=5)  # fmt: skip


def load(model: str, **options):
    """A packaged model, or the command that installs what it lacks."""
    from course_lib.chatbot import load_chat
    from course_lib.data.source import MissingData

    try:
        return load_chat(model, max_new_tokens=LONGEST[model], **options)
    except MissingData as error:
        raise SystemExit(f"course: {error}") from None


def _said() -> str | None:
    """The next line, None at the end."""
    try:
        return input("You: ").strip()
    except (EOFError, KeyboardInterrupt):
        typer.echo()
        return None


def _answer(talk, text):
    """Print the reply as it is written."""
    from course_lib.chatbot.serving.limits import shown

    try:
        typer.echo("Model: ", nl=False)
        for piece in talk.stream(text):
            typer.echo(shown(piece), nl=False)
    except KeyboardInterrupt:
        typer.echo(" (stopped)", nl=False)
    except ValueError as error:
        typer.echo(f"({error})", nl=False)
    typer.echo()


def main():
    """Run the command."""
    app()
