"""The one exception a user is meant to read."""


class UserError(Exception):
    """What was typed or supplied cannot be used.

    The message says what is wrong, where, and what to type instead; the entries print it without a traceback
    and end with exit code 1 (`HYDRA_FULL_ERROR=1` shows the traceback too).
    """
