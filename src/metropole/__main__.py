"""`python -m metropole` is the command `metropole`."""

import os
import sys

#: The exit code by which shells know Ctrl-C.
_INTERRUPTED = 130


def run() -> None:
    """Run the command; Ctrl-C is heard from the first moment, while there is no command yet."""
    try:
        from metropole.cli import main  # takes the better part of a second

        main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.stderr.flush()
        # Python forgets the exit code when Ctrl-C came within `exec`, as dataclasses use it.
        os._exit(_INTERRUPTED)


if __name__ == "__main__":
    run()
