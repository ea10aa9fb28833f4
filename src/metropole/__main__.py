"""`python -m metropole` is the command `metropole`."""

from metropole.cli import main

if __name__ == "__main__":
    main()
