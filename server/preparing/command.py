"""`python -m server preprocess`: writes what raw data becomes."""

from typing import TYPE_CHECKING

from server.config.read import OWN_FILE
from server.engine import CoreError
from server.making.command import carry_out
from server.making.error import CommandError
from server.making.packages import need_packages
from server.preparing.options import PreprocessOptions

if TYPE_CHECKING:
    from server.preparing.kinds import Tensors
    from server.preprocess.declaration import Declaration


def preprocess(options: PreprocessOptions) -> int:
    """Returns the exit code."""
    return carry_out(lambda: _preprocess(options))


def _preprocess(options: PreprocessOptions) -> None:
    need_packages("preprocess", ("numpy",), "preprocess")
    from server.preparing.kinds import prepare

    try:
        made = prepare(_declaration(options), options.data, options.threads)
        _write(options, made)
    except CoreError as error:
        raise CommandError(error.message) from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{error.filename or options.output}: {error.strerror}") from None
    for name, tensor in made.items():
        print(f"{options.output}: {name} {tensor.dtype.name} {list(tensor.shape)}")


def _declaration(options: PreprocessOptions) -> "Declaration":
    from server.preprocess.declaration import read_declarations

    given = options.declaration
    path = given / OWN_FILE if given.is_dir() else given
    found = read_declarations(path)
    chosen = [each for each in found if options.input in (None, each.name)]
    if len(chosen) == 1:
        return chosen[0]
    have = ", ".join(f'"{each.name}"' for each in found)
    wanted = f'"{options.input}"' if options.input is not None else "one; name it by --input"
    raise CommandError(f"{path}: inputs under preprocess: {have}; expected {wanted}")


def _write(options: PreprocessOptions, made: "Tensors") -> None:
    import numpy as np

    path = options.output
    if path.suffix == ".npz":
        np.savez(path, allow_pickle=False, **made)
        return
    if len(made) > 1:
        names = ", ".join(made)
        raise CommandError(f"{path}: a .npy holds one tensor; write {names} to a .npz")
    np.save(path, next(iter(made.values())), allow_pickle=False)
