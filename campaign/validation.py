"""What is wrong with a file that a person wrote, in our words instead of pydantic's."""

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError


def first_problem(error: ValidationError, model: type[BaseModel]) -> str:
    """Where the first problem stands and what it is, without a full stop; unknown keys get the near miss."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = list(model.model_fields) if len(first["loc"]) == 1 else []
        near = get_close_matches(str(first["loc"][-1]), known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; keys are {', '.join(known)}" if known else ""
        return f"{where} is not a known key{hint}".rstrip("?")
    if first["type"] == "missing":
        return f"{where} is missing"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if "ctx" in first and "error" in first["ctx"]:
        return f"{where}: {message}" if where else message
    return f"{where} is {first['input']!r}, but {message}" if where else message
