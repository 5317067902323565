"""The command `course`: talk to the course's chatbot or serve it; assign, grade and report for a class.

The instructors' commands stand in `course_lib/instructor/commands_*.py` and are imported when they are asked for.
"""

from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Literal

INSTALL = "pip install 'course-lib[serve]'"

INSTRUCTOR = "pip install 'course-lib[instructor]'"

try:
    import typer
    from typer.core import TyperCommand, TyperGroup
    from typer.main import get_command
except ImportError:
    raise SystemExit(f"course: typer is not installed; install it: {INSTALL}") from None

LONGEST = {"course": 64, "smollm2": 256}  # tokens in a reply; the course's model has room for 128 in all
LAZY = {  # command -> (its module in course_lib.instructor, what it does)
    "assign": ("commands_assign", "Make a zip for students, and a folder for you."),
    "grade": ("commands_grade", "Grade what came back, in a sandbox."),
    "export": ("commands_report", "Fill one column of the LMS's own gradebook export."),
    "report": ("commands_report", "One page on what the class understood."),
    "explain": ("commands_report", "Why a student has this score."),
    "doctor": ("commands_doctor", "Is this computer ready? What helps if not."),
    "new-exercise": ("commands_exercise", "Begin an exercise of your own, with its proof."),
}


class Lazy(TyperGroup):
    """Commands of this file, and those of LAZY, each imported when it runs or shows its own help."""

    def list_commands(self, ctx):
        return [*super().list_commands(ctx), *LAZY]

    def get_command(self, ctx, name):
        if name not in LAZY:
            return super().get_command(ctx, name)
        return TyperCommand(name, help=LAZY[name][1]) if ctx.obj == "overview" else _loaded(name)

    def format_help(self, ctx, formatter):
        ctx.obj = "overview"  # the list of commands loads none of them
        super().format_help(ctx, formatter)


def _loaded(name: str):
    module = f"course_lib.instructor.{LAZY[name][0]}"
    alone = typer.Typer(add_completion=False)
    try:
        alone.command(name)(_guarded(name, getattr(import_module(module), name.replace("-", "_"))))
    except ModuleNotFoundError as error:
        raise _missing(name, error) from None
    return get_command(alone)


def _guarded(name: str, function):
    """The command; a package that is missing is answered with what installs it."""

    @wraps(function)
    def run(*args, **options):
        try:
            return function(*args, **options)
        except ModuleNotFoundError as error:
            raise _missing(name, error) from None

    return run


def _missing(name: str, error: ModuleNotFoundError) -> SystemExit:
    if (error.name or "").startswith("course_lib"):
        return SystemExit(f"course {name}: not in this version of the course ({error.name} is missing)")
    return SystemExit(f"course {name}: {error.name} is not installed; install it: {INSTRUCTOR}")


app = typer.Typer(cls=Lazy, help="Large Models, Verified: the course's commands.", no_args_is_help=True,
                  add_completion=False)  # fmt: skip
Model = Annotated[Literal["course", "smollm2"], typer.Option(help="The course's own model, or SmolLM2-135M.")]
Int8 = Annotated[bool, typer.Option("--int8", help="Weights in 8 bits: SmolLM2 faster. Needs a C compiler.")]


@app.command()
def chat(
    model: Model = "course",
    int8: Int8 = False,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="0 is always the likeliest word.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same text.")] = 0,
):
    """Talk to a model in the terminal. /reset forgets what was said, /quit ends."""
    from course_lib.chatbot.sampling import Sampling

    talk = load(model, int8=int8, sampling=Sampling(temperature=temperature, seed=seed))
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
    int8: Int8 = False,
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
    uvicorn.run(make_app(load(model, int8=int8), model, hosts=hosts), host=host, port=port, proxy_headers=False,
                server_header=False, limit_concurrency=64, timeout_graceful_shutdown=5)  # fmt: skip


def load(model: str, **options):
    """A packaged model, or the command that installs what it lacks."""
    from course_lib.chatbot import load_chat
    from course_lib.chatbot.int8 import NoCompiler
    from course_lib.data.source import MissingData

    try:
        return load_chat(model, max_new_tokens=LONGEST[model], **options)
    except (MissingData, NoCompiler) as error:
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
