"""Plans and reports as JSON, row by row: as one text a large one takes more memory than all it tells of."""

import json
from dataclasses import fields
from functools import cache
from typing import Any, TextIO


def write_by_rows(whole: Any, file: TextIO, **further: object) -> None:
    """``whole``, a dataclass with ``rows``, and what else is told of it, with one line for each row."""
    told = {**_fields(whole), **further}
    rows = told.pop("rows")
    lines = [f"{_dumped(name)}: {_dumped(value)},\n " for name, value in told.items()]
    file.write(f'{{{"".join(lines)}"rows": [')
    for number, row in enumerate(rows):
        file.write(f"{',' if number else ''}\n  {_dumped(row)}")
    file.write("\n ]}\n")


def _dumped(value: object) -> str:
    # Without an indent the encoder runs in C, and asks back for what is no plain data.
    return json.dumps(value, ensure_ascii=False, default=_fields)


def _fields(part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in _names(type(part))}  # type: ignore[arg-type]  # It is hashable.


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))
