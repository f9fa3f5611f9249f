"""Run the command line as `python -m dejashot`."""

from dejashot.cli.app import main

if __name__ == "__main__":
    main()
