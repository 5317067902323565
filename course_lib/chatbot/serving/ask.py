"""What a request to /chat must look like."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo


def _text(value: str, info: ValidationInfo) -> str:
    return info.context.check(value)


def _remark(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


def _few(value: list, info: ValidationInfo) -> list:
    if len(value) > info.context.exchanges:
        raise ValueError(f"has {len(value)} exchanges; at most {info.context.exchanges} are allowed")
    return value


Text = Annotated[str, AfterValidator(_text)]


class _Exact(BaseModel):
    """No entry but these, and no "1" for 1."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Exchange(_Exact):
    """A remark and its reply."""

    user: Text
    bot: Text


class Ask(_Exact):
    """A remark, and what was said before. The context of its validation is a `Limits`."""

    message: Annotated[Text, AfterValidator(_remark)]
    history: Annotated[list[Exchange], AfterValidator(_few)] = []
    temperature: float = Field(0.0, ge=0, le=2, allow_inf_nan=False)
    seed: int = Field(0, ge=0, lt=2**32)
    max_new_tokens: int | None = Field(None, ge=1)


def complaint(error: ValidationError) -> tuple[int, str]:
    """Status and one sentence: the first thing that is wrong, and where; never what was sent."""
    first = error.errors(include_input=False, include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        return 400, message
    place = ".".join(map(str, first["loc"]))
    return 422, f"{place or 'the request'}: {message}"
