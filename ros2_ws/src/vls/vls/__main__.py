"""`python -m vls` is the `vls` command."""

from vls.cli import main

if __name__ == '__main__':
    main()
