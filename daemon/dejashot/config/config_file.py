"""The configuration file on the disk: its text, and how it is replaced."""

from pathlib import Path

from dejashot.errors import ConfigError
from dejashot.paths import make_folder, shown, write_atomically


def read_config_text(file: Path) -> str | None:
    """Return the text of a configuration file, line ends as they are; None where there is none; raise ConfigError."""
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown(file)} is not UTF-8", "Save it as UTF-8, or start afresh elsewhere") from error
    except OSError as error:
        raise ConfigError(f"can't read {shown(file)}: {error.strerror}", "Check the permissions") from error


def write_config(file: Path, text: str) -> Path:
    """Replace a configuration file as a whole and return the file written; raise ConfigError.

    A configuration kept elsewhere and linked to stays linked.
    """
    file = file.resolve()
    if file.suffix != ".toml":
        raise ConfigError(f"{shown(file)} is not a .toml file", "Name one that ends in .toml")
    try:
        make_folder(file.parent)
        write_atomically(file, text.encode("utf-8"))
    except OSError as error:
        raise ConfigError(f"can't write {shown(file)}: {error.strerror}", "Check the permissions") from error
    return file
