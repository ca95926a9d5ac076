"""`python -m server import`: prints what was found, writes the version."""

from server.importing.options import ImportOptions
from server.making.command import carry_out, print_lines, scratch
from server.making.error import CommandError
from server.making.packages import need_packages

_NEEDED = ("numpy", "onnx", "pandas", "pyarrow", "sklearn", "joblib", "skl2onnx")


def import_model(options: ImportOptions) -> int:
    """Returns the exit code."""
    return carry_out(lambda: _import(options))


def _import(options: ImportOptions) -> None:
    if not options.trust:
        raise CommandError(
            f"{options.model}: reading a joblib or pickle file runs code that it may contain: add "
            "--trust if you know where it comes from"
        )
    need_packages("import", _NEEDED, "sklearn")
    from server.examine.examination import ExaminationError
    from server.importing.importing import run
    from server.importing.publish import publish
    from server.making.version_folder import check_output

    check_output(options.output)
    try:
        with scratch("import") as folder:
            result = run(options, folder)
            print_lines(publish(result, options.output), options.output)
    except (ExaminationError, OSError) as error:  # a worker was killed, a disk is full
        raise CommandError(str(error)) from None
