"""Where files lie, as it was typed."""

import os
import stat
from pathlib import Path

from src.errors import UserError


def typed_path(text: str, dial: str = "data.root") -> Path:
    """The path that `dial` was given, with ~ for a home directory; nothing need be there.

    Raises:
        UserError: it is empty, which would mean the folder one stands in, or ~ is of nobody.
    """
    if not text.strip():
        raise UserError(f"{dial} is empty, as after a shell variable that is not set; type {dial}=<path>.")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UserError(f"{dial}={text}: nobody here is called {text.split('/')[0]}; type the whole path.") from error


def located(text: str, dial: str = "data.root") -> Path:
    """The same of what is to be read; that nothing is there is left to the reader to tell.

    Raises:
        UserError: as `typed_path`, or one may not read what is there, or no file can have such a name.
    """
    path = typed_path(text, dial)
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            os.listdir(path / ".")
        elif stat.S_ISREG(kind):
            path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        shown = text if len(text) <= 100 else text[:100] + "..."
        raise UserError(f"{dial}={shown} cannot be read ({error.strerror or error}); name another place.") from error
    return path
